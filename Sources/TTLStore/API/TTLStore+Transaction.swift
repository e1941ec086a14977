extension TTLStore {
    /// Runs several operations as one: all of them are kept when the closure returns, none if it throws.
    ///
    /// The write lock is held while the closure runs, and every other writer waits, for up to
    /// `configuration.busyTimeout` (writers of this store for a second at least): prepare beforehand what takes time.
    /// One commit of its own. The closure runs once, on the calling thread.
    /// - Parameter body: gets a ``Transaction``, which must not be used after the closure has returned.
    /// - Returns: what the closure returns.
    /// - Throws: what the closure throws; `reentrant`, from the calls themselves, if it calls the store instead of the
    ///   transaction; `busy` if another process, or another closure, keeps the lock for too long; the errors of a
    ///   write. Nothing is changed then.
    public func transaction<Success>(_ body: (Transaction) throws -> Success) throws -> Success {
        try engine.transaction("transaction", body)
    }

    /// Runs several operations as one: all of them are kept when the closure returns, none if it throws.
    ///
    /// The write lock is held while the closure runs, and every other writer waits, for up to
    /// `configuration.busyTimeout` (writers of this store for a second at least): prepare beforehand what takes time.
    /// One commit of its own.
    ///
    /// Suspends the task, whose cancellation is ignored, unless the closure asks for it. The closure runs once, on the
    /// store's thread for tasks, where the commits of other tasks wait for it. It is a part of the task:
    /// `Task.isCancelled` and task-local values are the task's.
    /// - Parameter body: gets a ``Transaction``, which must not be used after the closure has returned.
    /// - Returns: what the closure returns.
    /// - Throws: what the closure throws; `reentrant`, from the calls themselves, if it calls the store instead of the
    ///   transaction; `busy` if another process, or another closure, keeps the lock for too long; the errors of a
    ///   write. Nothing is changed then.
    public func transaction<Success: Sendable>(
        _ body: @escaping @Sendable (Transaction) throws -> Success
    ) async throws -> Success {
        try await engine.transaction("transaction", body)
    }

    /// Reads a value, lets the closure change it, and writes it, in one step: no other write comes in between.
    ///
    /// A live entry keeps its tag. As with ``transaction(_:)-62b8y`` the write lock is held while the closure runs. For
    /// a change that takes time, read ``entry(_:)-9zgq5`` and set with `.ifUnchanged(since:)`. One commit of its own.
    /// - Parameters:
    ///   - key: 1 to 1024 bytes of UTF-8.
    ///   - type: as which the value is decoded and encoded; not an optional.
    ///   - expiry: of the new value; `.keep` leaves the expiry of a live entry, and means `.default` for a new one.
    ///     `.default` is never, unless `Configuration.defaultTimeToLive` says otherwise. With a date that has passed
    ///     the closure runs, and the entry is removed.
    ///   - body: gets the live value, or nil. If it leaves nil, the entry is removed.
    /// - Returns: what the closure returns.
    /// - Throws: what the closure throws, `wrongKind`, `decodingFailed`, `encodingFailed`, and the errors of
    ///   `transaction` and of a set, with nothing changed.
    @discardableResult
    public func update<Content: Codable, Success>(
        _ key: String, as type: Content.Type = Content.self, expiring expiry: Expiry = .keep,
        _ body: (inout Content?) throws -> Success
    ) throws -> Success {
        try engine.transaction("update") { transaction in
            try transaction.update(key, as: type, expiring: expiry, body)
        }
    }

    /// Reads a value, lets the closure change it, and writes it, in one step: no other write comes in between.
    ///
    /// A live entry keeps its tag. As with ``transaction(_:)-62b8y`` the write lock is held while the closure runs. For
    /// a change that takes time, read ``entry(_:)-9zgq5`` and set with `.ifUnchanged(since:)`. One commit of its own.
    ///
    /// Suspends the task, whose cancellation is ignored, unless the closure asks for it. The closure runs on the
    /// store's thread for tasks, where the commits of other tasks wait for it. It is a part of the task:
    /// `Task.isCancelled` and task-local values are the task's.
    /// - Parameters:
    ///   - key: 1 to 1024 bytes of UTF-8.
    ///   - type: as which the value is decoded and encoded; not an optional.
    ///   - expiry: of the new value; `.keep` leaves the expiry of a live entry, and means `.default` for a new one.
    ///     `.default` is never, unless `Configuration.defaultTimeToLive` says otherwise. With a date that has passed
    ///     the closure runs, and the entry is removed.
    ///   - body: gets the live value, or nil. If it leaves nil, the entry is removed.
    /// - Returns: what the closure returns.
    /// - Throws: what the closure throws, `wrongKind`, `decodingFailed`, `encodingFailed`, and the errors of
    ///   `transaction` and of a set, with nothing changed.
    @discardableResult
    public func update<Content: Codable & SendableMetatype, Success: Sendable>(
        _ key: String, as type: Content.Type = Content.self, expiring expiry: Expiry = .keep,
        _ body: @escaping @Sendable (inout Content?) throws -> Success
    ) async throws -> Success {
        try await engine.transaction("update") { transaction in
            try transaction.update(key, as: type, expiring: expiry, body)
        }
    }
}
