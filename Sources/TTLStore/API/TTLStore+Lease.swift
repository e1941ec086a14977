extension TTLStore {
    /// Acquires a lease, if it is free. One commit, which also deletes up to ten leases that have run out.
    ///
    /// Of any number of threads and processes that try, one gets it; an owner that holds it already does not get it
    /// again. It ends by itself, so it must last longer than the work, or be renewed.
    /// - Parameters:
    ///   - name: 1 to 1024 bytes of UTF-8.
    ///   - duration: from now on, in whole milliseconds, rounded up.
    ///   - owner: a description of the owner, for people to read; 1 to 1024 bytes, by default the process.
    /// - Returns: the lease; nil if it is held. `lease(named:)` tells by which owner, and until when.
    /// - Throws: `invalidExpiry` if the duration is zero or negative, or leads beyond the year 9999; `invalidArgument`
    ///   for the name and the owner; the errors of a write. Nothing is changed then.
    public func acquireLease(
        _ name: String, for duration: Duration, owner: String? = nil
    ) throws(TTLStoreError) -> Lease? {
        try engine.write(.acquireLease(name, for: duration, owner: owner))
    }

    /// Acquires a lease, if it is free. One commit, which also deletes up to ten leases that have run out.
    ///
    /// Of any number of threads and processes that try, one gets it; an owner that holds it already does not get it
    /// again. It ends by itself, so it must last longer than the work, or be renewed.
    ///
    /// Suspends the task, whose cancellation is ignored.
    /// - Parameters:
    ///   - name: 1 to 1024 bytes of UTF-8.
    ///   - duration: from now on, in whole milliseconds, rounded up.
    ///   - owner: a description of the owner, for people to read; 1 to 1024 bytes, by default the process.
    /// - Returns: the lease; nil if it is held. `lease(named:)` tells by which owner, and until when.
    /// - Throws: `invalidExpiry` if the duration is zero or negative, or leads beyond the year 9999; `invalidArgument`
    ///   for the name and the owner; the errors of a write. Nothing is changed then.
    public func acquireLease(
        _ name: String, for duration: Duration, owner: String? = nil
    ) async throws(TTLStoreError) -> Lease? {
        try await engine.write(.acquireLease(name, for: duration, owner: owner))
    }

    /// Makes a lease end at another time: `duration` from now on, be it later or earlier than before. One commit.
    /// - Parameters:
    ///   - lease: as `acquireLease` or `renew` returned it.
    ///   - duration: from now on, in whole milliseconds, rounded up.
    /// - Returns: the lease with its new expiry and the same token; nil if it is lost: it was released, or has run out,
    ///   even if no other owner has acquired it since.
    /// - Throws: `invalidExpiry`, and the errors of a write, with nothing changed.
    public func renew(_ lease: Lease, for duration: Duration) throws(TTLStoreError) -> Lease? {
        try engine.write(.renew(lease, for: duration))
    }

    /// Makes a lease end at another time: `duration` from now on, be it later or earlier than before. One commit.
    ///
    /// Suspends the task, whose cancellation is ignored.
    /// - Parameters:
    ///   - lease: as `acquireLease` or `renew` returned it.
    ///   - duration: from now on, in whole milliseconds, rounded up.
    /// - Returns: the lease with its new expiry and the same token; nil if it is lost: it was released, or has run out,
    ///   even if no other owner has acquired it since.
    /// - Throws: `invalidExpiry`, and the errors of a write, with nothing changed.
    public func renew(_ lease: Lease, for duration: Duration) async throws(TTLStoreError) -> Lease? {
        try await engine.write(.renew(lease, for: duration))
    }

    /// Gives a lease up, so that the next owner can have it at once. One commit.
    /// - Parameter lease: as `acquireLease` or `renew` returned it.
    /// - Returns: false if it was lost before; its present owner, if there is one, keeps it.
    /// - Throws: the errors of a write, with nothing changed.
    @discardableResult
    public func release(_ lease: Lease) throws(TTLStoreError) -> Bool {
        try engine.write(.release(lease))
    }

    /// Gives a lease up, so that the next owner can have it at once. One commit.
    ///
    /// Suspends the task, whose cancellation is ignored.
    /// - Parameter lease: as `acquireLease` or `renew` returned it.
    /// - Returns: false if it was lost before; its present owner, if there is one, keeps it.
    /// - Throws: the errors of a write, with nothing changed.
    @discardableResult
    public func release(_ lease: Lease) async throws(TTLStoreError) -> Bool {
        try await engine.write(.release(lease))
    }

    /// The lease that is held under a name, or nil. One index seek; takes no lock.
    /// - Parameter name: 1 to 1024 bytes of UTF-8.
    /// - Throws: `invalidArgument` for the name, and the errors of a read.
    public func lease(named name: String) throws(TTLStoreError) -> Lease? {
        try engine.read(.lease(named: name))
    }

    /// The lease that is held under a name, or nil. One index seek; takes no lock.
    ///
    /// Suspends the task, whose cancellation is ignored.
    /// - Parameter name: 1 to 1024 bytes of UTF-8.
    /// - Throws: `invalidArgument` for the name, and the errors of a read.
    public func lease(named name: String) async throws(TTLStoreError) -> Lease? {
        try await engine.read(.lease(named: name))
    }

    /// The leases that are held, sorted by the bytes of their names. O(leases of the prefix), with those that have run
    /// out and are not yet deleted; takes no lock.
    /// - Parameter prefix: what the names begin with, compared by bytes. The empty prefix selects all leases.
    /// - Throws: the errors of a read.
    public func leases(prefix: String = "") throws(TTLStoreError) -> [Lease] {
        try engine.read(.leases(prefix: prefix))
    }

    /// The leases that are held, sorted by the bytes of their names. O(leases of the prefix), with those that have run
    /// out and are not yet deleted; takes no lock.
    ///
    /// Suspends the task, whose cancellation is ignored.
    /// - Parameter prefix: what the names begin with, compared by bytes. The empty prefix selects all leases.
    /// - Throws: the errors of a read.
    public func leases(prefix: String = "") async throws(TTLStoreError) -> [Lease] {
        try await engine.read(.leases(prefix: prefix))
    }

    /// Runs a closure under a lease, and gives the lease back when it has returned or thrown. Two commits.
    ///
    /// The lease ends by itself: the closure has to return within `duration`, or to `renew(_:for:)` it.
    /// - Parameters:
    ///   - name: 1 to 1024 bytes of UTF-8.
    ///   - duration: how long the lease lasts, unless it is renewed; in whole milliseconds, rounded up.
    ///   - owner: a description of the owner, for people to read; 1 to 1024 bytes, by default the process.
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

    /// Runs a closure under a lease, and gives the lease back when it has returned or thrown. Two commits.
    ///
    /// The lease ends by itself: the closure has to return within `duration`, or to `renew(_:for:)` it. Acquiring and
    /// giving back suspend the task, whose cancellation they ignore: the lease is given back also if the task is
    /// cancelled.
    /// - Parameters:
    ///   - name: 1 to 1024 bytes of UTF-8.
    ///   - duration: how long the lease lasts, unless it is renewed; in whole milliseconds, rounded up.
    ///   - owner: a description of the owner, for people to read; 1 to 1024 bytes, by default the process.
    ///   - isolation: the actor on which the closure runs, by default the caller's.
    ///   - body: gets the lease. It runs as a part of the task, with no lock held, and may use the store.
    /// - Returns: what the closure returns; nil if the lease is held already. The closure has not run then.
    /// - Throws: what the closure throws; the errors of acquiring, before it runs. An error of giving back is not
    ///   thrown: the lease then lasts until its end.
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
