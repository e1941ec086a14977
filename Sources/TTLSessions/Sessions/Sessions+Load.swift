#if Sessions
extension Sessions {
    /// The session of a cookie's value, or nil: it has ended, has timed out, or no server has made the token.
    ///
    /// A token that opens no session is never taken over, and is reported as ``SessionEvent/Kind/unknownToken`` or
    /// ``SessionEvent/Kind/malformedToken``. One read; a commit more if the use of the session is to be written, once
    /// in `useInterval`.
    /// - Parameter token: as the browser sent it, of any length and content.
    /// - Throws: `unreadablePayload`, and the errors of storage.
    public func load(_ token: some StringProtocol & Sendable) async throws -> Session<Payload>? {
        guard let token = SessionToken(token) else {
            report(.malformedToken)
            return nil
        }
        guard let session = try await load(token.id) else {
            report(.unknownToken)
            return nil
        }
        return session
    }

    /// Ends the session of a cookie's value without decoding its data. One commit.
    ///
    /// For a session whose `load` throws `unreadablePayload`, for example after a change of the payload's type.
    /// - Parameter token: as the browser sent it.
    /// - Returns: whether it opened a session.
    /// - Throws: the errors of storage.
    @discardableResult
    public func end(token: some StringProtocol & Sendable) async throws -> Bool {
        guard let token = SessionToken(token) else { return false }
        // For the log alone.
        let handle = try? await storage.load(token.id)?.record.handle
        guard try await storage.end(token.id) else { return false }
        report(.ended, handle, count: 1)
        return true
    }

    func load(_ id: SessionID) async throws -> Session<Payload>? {
        while let loaded = try await decoded(id) {
            let now = configuration.now
            guard let used = try await noteUse(loaded.stored, now) else { continue }
            return session(used, try loaded.payload.get(), loadedID: id, now: now)
        }
        return nil
    }

    private func decoded(_ id: SessionID) async throws -> DecodedSession<Payload>? {
        // An object could be changed by the request that gets it.
        if let storage = storage as? TTLStoreSessionStorage, !(Payload.self is AnyObject.Type) {
            return try await storage.load(id, decoding: Payload.self)
        }
        return try await storage.load(id).map { DecodedSession($0, decoding: Payload.self) }
    }

    /// Writes that the session was used, if that is due.
    /// - Returns: the session as it is stored now; nil if it ended or was changed in between.
    private func noteUse(_ stored: StoredSession, _ now: Int64) async throws -> StoredSession? {
        var record = stored.record
        let deadline = record.deadline(now)
        switch UseRule(record, configuration).action(now) {
        case .nothing: return stored
        case .extend:
            guard try await storage.extend(stored.id, until: deadline, ifUnchanged: stored.revision) else { return nil }
            counters.countUse()
            record.expiresAt = max(record.expiresAt, deadline)
            return StoredSession(record: record, id: stored.id, revision: stored.revision)
        case .write:
            record.noteUse(now)
            let write = try await storage.save(record, id: stored.id, ifUnchanged: stored.revision)
            guard case .written(let revision) = write else { return nil }
            counters.countUse()
            return StoredSession(record: record, id: stored.id, revision: revision)
        }
    }
}

/// When the use of a session is written.
struct UseRule {
    enum Action: Hashable {
        case nothing
        /// The idle deadline moves, and with it the time of the last use.
        case extend
        /// The idle deadline has reached the absolute one: only the record can tell when the session was last used.
        case write
    }

    private let record: SessionRecord
    private let interval: Int64

    init(_ record: SessionRecord, _ configuration: SessionConfiguration) {
        self.record = record
        interval = max(1, min(configuration.useInterval.milliseconds, record.idleTimeout / 6))
    }

    func action(_ now: Int64) -> Action {
        guard now - record.lastSeenAt >= interval else { return .nothing }
        if record.expiresAt < record.endsAt { return .extend }
        return now - record.lastSeenAt >= max(interval, UseRule.rewritingInterval) ? .write : .nothing
    }

    /// Rewriting a record costs as much as its payload is large, so it comes once an hour.
    private static let rewritingInterval: Int64 = 3_600_000
}
#endif
