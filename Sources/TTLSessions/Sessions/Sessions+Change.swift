#if Sessions
internal import TTLStore

/// Under which condition a session is saved. One that has ended is never saved.
public enum SaveCondition: Hashable, Sendable {
    /// Whatever was saved since the session was loaded: the last payload wins, and nothing else of the record changes.
    case always
    /// Only if the session was not written since it was loaded or saved. A use doesn't count, unless it comes so late
    /// in the session's life that it is written into the record, once an hour.
    case ifUnchanged
}

extension Sessions {
    /// Saves the payload. One commit, unless the session was changed meanwhile.
    ///
    /// A session that was ended since it was loaded, here or in another process, stays ended. Of two saves that run at
    /// the same time the later one's payload stays; subject, flash messages and timeouts are never set back by an older
    /// copy. The save is a use of the session, and takes it to its new idle deadline.
    /// - Returns: the session as it is stored now, for the next save.
    /// - Throws: `ended`, `changed`, `payloadTooLarge`, `invalidPayload`; `busy` after 100 vain attempts; the errors of
    ///   storage.
    @discardableResult
    public func save(
        _ session: Session<Payload>, when condition: SaveCondition = .always
    ) async throws -> Session<Payload> {
        try await save(session, when: condition, idleTimeout: nil, flash: [])
    }

    /// Saves the payload and more, in one step.
    /// - Parameters:
    ///   - session: as it was loaded, with a payload to save.
    ///   - condition: under which it is saved.
    ///   - idleTimeout: from now on; nil for the one that the session has. The absolute deadline stays.
    ///   - flash: messages to add for the next page.
    /// - Returns: the session as it is stored now.
    /// - Throws: as ``save(_:when:)``, and `invalidExpiry`.
    @discardableResult
    public func save(
        _ session: Session<Payload>, when condition: SaveCondition = .always, idleTimeout: Duration?,
        flash: [FlashMessage]
    ) async throws -> Session<Payload> {
        let text = try text(session.payload)
        let timeout = try idleTimeout.map(Sessions.milliseconds)
        let stored = try await change(session, when: condition) { record in
            record.payload = text
            record.add(flash)
            if let timeout { record.idleTimeout = timeout }
        }
        return self.session(
            stored, session.payload, loadedID: session.loadedID, now: configuration.now)
    }

    /// Takes the messages for this page: each is returned once, however many requests ask. A commit if there are any.
    /// - Returns: the messages, oldest first, and the session as it is stored now.
    /// - Throws: `ended`, `busy`, and the errors of storage.
    public func takeFlash(
        from session: Session<Payload>
    ) async throws -> (messages: [FlashMessage], session: Session<Payload>) {
        guard !session.stored.record.flash.isEmpty else { return ([], session) }
        var (messages, attempts): ([FlashMessage], Int) = ([], 0)
        let stored = try await change(session, when: .always) { record in
            messages = record.flash
            record.flash = []
            attempts += 1
        }
        // What another request has saved meanwhile is not in this payload: a save on this state must fail.
        guard attempts == 1 else { return (messages, session) }
        return (messages, self.session(stored, session.payload, loadedID: session.loadedID, now: session.details.now))
    }

    // MARK: Tokens

    /// Gives the session another token, with the same data, deadline and handle: after a change of privileges.
    ///
    /// The old token ends in the same commit, or after the grace period. The payload is saved in that commit, too.
    /// - Parameters:
    ///   - session: as it was loaded, with a payload to save. Not by an old token in its grace period, which nobody can
    ///     exchange for a new one.
    ///   - grace: how long the old token is still accepted, for requests under way; at most 5 minutes. A token from
    ///     before the old one ends now.
    ///   - idleTimeout: from now on; nil for the one that the session has.
    ///   - flash: messages to add for the next page.
    /// - Throws: `ended`, also if another request has got a new token meanwhile; `busy`, `payloadTooLarge`,
    ///   `invalidPayload`, `invalidExpiry`; the errors of storage.
    public func regenerate(
        _ session: Session<Payload>, grace: Duration = .zero, idleTimeout: Duration? = nil, flash: [FlashMessage] = []
    ) async throws -> IssuedSession<Payload> {
        let text = try text(session.payload)
        let timeout = try idleTimeout.map(Sessions.milliseconds)
        return try await rotate(session, grace: grace, as: .tokenRenewed) { record, _ in
            record.payload = text
            record.add(flash)
            if let timeout { record.idleTimeout = timeout }
        }
    }

    /// Gives the session another token if the present one is older than `renewalAge`. The old one is accepted for
    /// `renewalGrace`. Of several requests that come at the same time, one gets the token.
    /// - Returns: nil if the token isn't old, if another request has got the new one, or if the session has ended.
    /// - Throws: `busy`, and the errors of storage.
    public func renew(_ session: Session<Payload>) async throws -> IssuedSession<Payload>? {
        let now = configuration.now
        guard let age = configuration.renewalAge, session.hasPresentToken,
            now - session.stored.record.tokenIssuedAt >= age.milliseconds
        else { return nil }
        do {
            return try await rotate(session, grace: configuration.renewalGrace, as: .tokenRenewed) { _, _ in }
        } catch let error as SessionError where error.code == .ended {
            return nil
        }
    }

    /// Logs a user in, or has the user's password checked again, in a session that exists: it gets another token, and
    /// the old one ends in the same commit. Its lifetime begins anew, and it is fresh.
    ///
    /// Call it once the application has checked the credentials. With `maximumPerSubject`, a listing of the subject's
    /// sessions follows.
    /// - Parameters:
    ///   - session: the one that the browser has, with a payload to save. If it belongs to another subject, create one
    ///     and end this one instead.
    ///   - subject: the user, 1 to 512 bytes of UTF-8.
    ///   - remembered: whether the cookie outlives the browser; nil for no change.
    ///   - client: what the page with the user's sessions shows; nil for no change.
    ///   - idleTimeout: for this session; nil for the one of the configuration.
    ///   - flash: messages to add for the next page.
    /// - Throws: `ended`, `busy`, `invalidSubject`, `invalidExpiry`, `payloadTooLarge`, `invalidPayload`, and the
    ///   errors of storage.
    public func authenticate(
        _ session: Session<Payload>, as subject: String, remembered: Bool? = nil, client: SessionClient? = nil,
        idleTimeout: Duration? = nil, flash: [FlashMessage] = []
    ) async throws -> IssuedSession<Payload> {
        try Sessions.check(subject)
        let timeout = try idleTimeout.map(Sessions.milliseconds)
        let text = try text(session.payload)
        let configuration = configuration
        let issued = try await rotate(session, grace: .zero, as: .authenticated) { record, now in
            guard record.subject == nil || record.subject == subject else {
                throw SessionError(.invalidSubject, "the session belongs to another subject")
            }
            record.subject = subject
            record.authenticatedAt = now
            record.payload = text
            if let client { record.client = client }
            if let remembered { record.isRemembered = remembered }
            record.add(flash)
            let timeouts = configuration.timeouts(remembered: record.isRemembered)
            record.idleTimeout = timeout ?? timeouts.idle.milliseconds
            record.endsAt = now + timeouts.absolute.milliseconds
        }
        try await enforceMaximum(of: subject)
        return issued
    }

    // MARK: Writing

    private func rotate(
        _ session: Session<Payload>, grace: Duration, as kind: SessionEvent.Kind,
        _ body: (inout SessionRecord, Int64) throws -> Void
    ) async throws -> IssuedSession<Payload> {
        let token = SessionToken.make()
        let grace = min(grace, SessionConfiguration.longestGrace).milliseconds
        var now: Int64 = 0
        let storage = storage
        // An old token in its grace period must not become a new one, unless its owner has just authenticated.
        let isBound = kind != .authenticated
        guard !isBound || session.hasPresentToken else { throw SessionError.ended }
        let written = try await write(session, when: .always, isBound: isBound) { record, time in
            now = time
            try body(&record, time)
            record.tokenIssuedAt = time
        } by: { record, stored in
            try await storage.rotate(
                stored.id, to: token.id, record, ifUnchanged: stored.revision,
                graceEnd: grace > 0 ? min(now + grace, record.endsAt) : nil)
        }
        report(kind, written.record.handle)
        let stored = StoredSession(record: written.record, id: token.id, revision: written.revision)
        let payload = try PayloadCoding.payload(Payload.self, stored.record.payload)
        return IssuedSession(session: self.session(stored, payload, loadedID: token.id, now: now), token: token)
    }

    private func change(
        _ session: Session<Payload>, when condition: SaveCondition, _ body: (inout SessionRecord) -> Void
    ) async throws -> StoredSession {
        let storage = storage
        return try await write(session, when: condition) { record, _ in
            body(&record)
        } by: { record, stored in
            try await storage.save(record, id: stored.id, ifUnchanged: stored.revision)
        }
    }

    /// Compare and set, again and again until no other write comes in between. Each vain attempt means that another one
    /// has succeeded.
    /// - Parameter isBound: whether the session must still have the token with which it was loaded.
    private func write(
        _ session: Session<Payload>, when condition: SaveCondition, isBound: Bool = false,
        _ body: (inout SessionRecord, Int64) throws -> Void,
        by attempt: (SessionRecord, StoredSession) async throws -> SessionWrite
    ) async throws -> StoredSession {
        var stored = session.stored
        for _ in 1...100 {
            let now = configuration.now
            var record = stored.record
            guard now < record.endsAt else { throw SessionError.ended }
            try body(&record, now)
            record.noteUse(now)
            if case .written(let revision) = try await attempt(record, stored) {
                return StoredSession(record: record, id: stored.id, revision: revision)
            }
            // By the identifier of the request, which leads on only in its grace period.
            guard let current = try await storage.load(session.loadedID) else { throw SessionError.ended }
            guard condition == .always else { throw SessionError.changed }
            guard !isBound || current.id == session.loadedID else { throw SessionError.ended }
            stored = current
        }
        throw SessionError(.busy, "other requests have changed the session 100 times meanwhile")
    }
}
#endif
