#if Sessions
internal import TTLStore

extension Sessions {
    /// Ends a session: logs it out. One commit. Its token opens nothing any more in any process, and no save brings it
    /// back. A session with a subject ends also if it has got another token since it was loaded.
    /// - Returns: false if it had ended before, or if it has no subject and has got another token.
    /// - Throws: the errors of storage.
    @discardableResult
    public func end(_ session: Session<Payload>) async throws -> Bool {
        if try await !storage.end(session.loadedID) {
            guard let subject = session.subject, try await storage.end(.one(session.handle), of: subject) > 0 else {
                return false
            }
        }
        report(.ended, session.handle)
        return true
    }

    /// Ends one session of a subject, by its handle. One commit.
    /// - Returns: false if the subject has no live session with the handle.
    /// - Throws: `invalidSubject`, and the errors of storage.
    @discardableResult
    public func end(_ handle: SessionHandle, of subject: String) async throws -> Bool {
        try Sessions.check(subject)
        guard try await storage.end(.one(handle), of: subject) > 0 else { return false }
        report(.ended, handle)
        return true
    }

    /// Ends all sessions of a subject: after a change of the password by an administrator, or if the account is
    /// disabled. One commit.
    /// - Returns: how many there were.
    /// - Throws: `invalidSubject`, and the errors of storage.
    @discardableResult
    public func endAll(of subject: String) async throws -> Int {
        try Sessions.check(subject)
        return ended(try await storage.end(.all, of: subject))
    }

    /// Ends all sessions of a subject but the given one: after the user has changed the password, or by the user's wish
    /// to log out elsewhere. One commit.
    /// - Returns: how many there were; 0 for a session without a subject.
    /// - Throws: the errors of storage.
    @discardableResult
    public func endOthers(than session: Session<Payload>) async throws -> Int {
        guard let subject = session.subject else { return 0 }
        return ended(try await storage.end(.allExcept(session.handle), of: subject))
    }

    /// Ends all sessions of this kind (`name`), of all subjects and without one. 200 in one commit, so that other
    /// writers come in between; at the end, in one commit, the ones that have got other tokens or have begun meanwhile.
    /// - Returns: how many there were.
    /// - Throws: the errors of storage; the sessions that were ended before stay ended.
    @discardableResult
    public func endEverybody() async throws -> Int { ended(try await storage.endAll()) }

    /// The live sessions of a subject, the last used first. Doesn't decode payloads.
    /// - Parameters:
    ///   - subject: the user.
    ///   - current: the session of the request, so that the list can tell it from the others.
    /// - Throws: `invalidSubject`, and the errors of storage.
    public func list(
        of subject: String, current: Session<Payload>? = nil
    ) async throws -> [SessionDetails] {
        try Sessions.check(subject)
        let now = configuration.now
        return try await sorted(storage.list(subject).map(\.record)).map { record in
            SessionDetails(record, now: now, isCurrent: record.handle == current?.handle)
        }
    }

    /// Ends the sessions beyond `maximumPerSubject`: the ones that were not used for longest, and of those the oldest.
    /// The order is the same for all logins, so that two at the same time don't end each other's session.
    func enforceMaximum(of subject: String) async throws {
        guard let maximum = configuration.maximumPerSubject else { return }
        let records = try await storage.list(subject).map(\.record)
        guard records.count > maximum else { return }
        let surplus = sorted(records).dropFirst(maximum).map(\.handle)
        let count = try await storage.end(.some(Set(surplus)), of: subject)
        // Another login may have ended some of them.
        guard count == surplus.count else { return _ = ended(count) }
        for handle in surplus { report(.ended, handle) }
    }

    /// The last used first. A time to come, from before the clock was set back, counts as older than one of now.
    private func sorted(_ records: [SessionRecord]) -> [SessionRecord] {
        let now = configuration.now
        func age(_ time: Int64) -> Int64 { time <= now ? now - time : 1 }
        return records.sorted { left, right in
            (age(left.lastSeenAt), age(left.createdAt), left.handle.text)
                < (age(right.lastSeenAt), age(right.createdAt), right.handle.text)
        }
    }

    private func ended(_ count: Int) -> Int {
        if count > 0 { report(.ended, count: count) }
        return count
    }

    /// Reports sessions whose timeout is over, as ``SessionEvent/Kind/timedOut``, until the store closes or the task is
    /// cancelled.
    ///
    /// This process reports the sessions that its store deletes; another process that shares the file deletes others.
    /// While it runs, the store reads the value of each entry that leaves. With other storage than a store it returns
    /// at once.
    /// - Throws: the errors of `TTLStore.removals`.
    public func reportTimeouts() async throws {
        guard let storage = storage as? TTLStoreSessionStorage else { return }
        for await removal in try storage.store.removals(includingValues: true) where removal.cause == .expired {
            if let handle = storage.handle(removal) { report(.timedOut, handle) }
        }
    }
}
#endif
