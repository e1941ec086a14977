#if Sessions
extension Sessions {
    /// Runs a closure while no other call of this method runs one for the same session, in any process.
    ///
    /// For an application whose requests must come one after the other, though a browser sends them at the same time.
    /// Two commits; a caller that has to wait reads again after 1 or 2 ms, then less often, at last every 25 to 50 ms,
    /// and callers get their turns in no certain order. Requests that don't call this method are not kept out.
    /// - Parameters:
    ///   - session: as the request has loaded it.
    ///   - limit: how long it waits for its turn, at most.
    ///   - duration: after which the turn ends by itself, so that a server that was killed doesn't lock a session. The
    ///     closure has to be done by then.
    ///   - isolation: the actor on which the closure runs, by default the caller's.
    ///   - body: gets the session as it is stored when its turn has come.
    /// - Returns: what the closure returns.
    /// - Throws: what the closure throws; `busy` if the turn did not come in time; `ended`, `unreadablePayload`, and
    ///   the errors of storage; `CancellationError` while it waits. The closure has not run then. An error of giving
    ///   the turn back is not thrown.
    public func withExclusiveAccess<Success>(
        to session: Session<Payload>, waiting limit: Duration = .seconds(10), for duration: Duration = .seconds(30),
        isolation: isolated (any Actor)? = #isolation, _ body: (Session<Payload>) async throws -> Success
    ) async throws -> Success {
        let lock = try await acquireLock(of: session.handle, waiting: limit, for: duration)
        let success: Success
        do {
            guard let current = try await load(session.loadedID) else { throw SessionError.ended }
            success = try await body(current)
        } catch {
            try? await storage.unlock(lock)
            throw error
        }
        try? await storage.unlock(lock)
        return success
    }

    private func acquireLock(
        of handle: SessionHandle, waiting limit: Duration, for duration: Duration
    ) async throws -> SessionLock {
        let milliseconds = try Sessions.milliseconds(duration)
        let start = ContinuousClock.now
        var pause = Duration.milliseconds(2)
        while true {
            if let lock = try await storage.lock(handle, milliseconds: milliseconds) { return lock }
            guard ContinuousClock.now - start < limit else {
                throw SessionError(.busy, "other requests of the session had exclusive access for too long")
            }
            try await Task.sleep(for: pause * Double.random(in: 0.5...1))
            pause = min(pause * 2, .milliseconds(50))
        }
    }
}
#endif
