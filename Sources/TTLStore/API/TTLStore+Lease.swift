extension TTLStore {
    /// Acquires a lease, if nobody holds it. One commit, which also deletes up to ten leases that have run out.
    ///
    /// Of any number of threads and processes that try, one gets it; an owner that holds it already does not get it
    /// again. It ends by itself, so it must last longer than the work, or be renewed.
    /// - Parameters:
    ///   - name: 1 to 1024 bytes of UTF-8.
    ///   - duration: from now on, in whole milliseconds, rounded up.
    ///   - owner: who asks, for a person; 1 to 1024 bytes, by default the process.
    /// - Returns: the lease; nil if it is held. `lease(named:)` tells who, and until when.
    /// - Throws: `invalidExpiry` if the duration is zero or negative, or leads beyond the year 9999; `invalidArgument`
    ///   for the name and the owner; the errors of a write. Nothing is changed then.
    public func acquireLease(
        _ name: String, for duration: Duration, owner: String? = nil
    ) throws(TTLStoreError) -> Lease? {
        try engine.write(.acquireLease(name, for: duration, owner: owner))
    }

    /// As the synchronous form; suspends the task, whose cancellation is ignored.
    public func acquireLease(
        _ name: String, for duration: Duration, owner: String? = nil
    ) async throws(TTLStoreError) -> Lease? {
        try await engine.write(.acquireLease(name, for: duration, owner: owner))
    }

    /// Makes a lease end at another time: `duration` from now on, be it later or earlier than before. One commit.
    /// - Returns: the lease with its new expiry and the same token; nil if it is lost: it has run out, even if nobody
    ///   has acquired it since, or was released.
    /// - Throws: `invalidExpiry`, and the errors of a write, with nothing changed.
    public func renew(_ lease: Lease, for duration: Duration) throws(TTLStoreError) -> Lease? {
        try engine.write(.renew(lease, for: duration))
    }

    /// As the synchronous form; suspends the task, whose cancellation is ignored.
    public func renew(_ lease: Lease, for duration: Duration) async throws(TTLStoreError) -> Lease? {
        try await engine.write(.renew(lease, for: duration))
    }

    /// Gives a lease up, so that the next one can have it at once. One commit.
    /// - Returns: false if it was lost before; then whoever holds it now keeps it.
    /// - Throws: the errors of a write, with nothing changed.
    @discardableResult
    public func release(_ lease: Lease) throws(TTLStoreError) -> Bool {
        try engine.write(.release(lease))
    }

    /// As the synchronous form; suspends the task, whose cancellation is ignored.
    @discardableResult
    public func release(_ lease: Lease) async throws(TTLStoreError) -> Bool {
        try await engine.write(.release(lease))
    }

    /// The lease that is held under a name, or nil. One index seek; takes no lock.
    /// - Throws: `invalidArgument` for the name, and the errors of a read.
    public func lease(named name: String) throws(TTLStoreError) -> Lease? {
        try engine.read(.lease(named: name))
    }

    /// As the synchronous form; suspends the task, whose cancellation is ignored.
    public func lease(named name: String) async throws(TTLStoreError) -> Lease? {
        try await engine.read(.lease(named: name))
    }

    /// Runs a closure under a lease, and gives the lease back when it has returned or thrown. Two commits.
    ///
    /// The lease ends by itself: the closure has to return within `duration`, or to `renew(_:for:)` it.
    /// - Parameters:
    ///   - name: as for `acquireLease(_:for:owner:)`, and so `duration` and `owner`.
    ///   - duration: how long the lease lasts, unless it is renewed.
    ///   - owner: who asks, for a person.
    ///   - body: gets the lease. It runs on the calling thread, with no lock held, and may use the store.
    /// - Returns: what the closure returns; nil if the lease is held already. The closure has not run then.
    /// - Throws: what the closure throws; the errors of acquiring, before it runs. An error of giving back is not
    ///   thrown: the lease then lasts until its end.
    public func withLease<Success>(
        named name: String, for duration: Duration, owner: String? = nil, _ body: (Lease) throws -> Success
    ) throws -> Success? {
        guard let lease = try acquireLease(name, for: duration, owner: owner) else { return nil }
        defer { _ = try? release(lease) }
        return try body(lease)
    }

    /// As the synchronous form. The closure runs in the caller's isolation, as a part of the task; the lease is given
    /// back also where the task was cancelled.
    public func withLease<Success>(
        named name: String, for duration: Duration, owner: String? = nil,
        isolation: isolated (any Actor)? = #isolation, _ body: (Lease) async throws -> Success
    ) async throws -> Success? {
        guard let lease = try await acquireLease(name, for: duration, owner: owner) else { return nil }
        let result: Success
        do { result = try await body(lease) } catch {
            _ = try? await release(lease)
            throw error
        }
        _ = try? await release(lease)
        return result
    }
}
