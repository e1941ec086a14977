extension TTLStore {
    /// The live value of a key; where there is none, the closure computes it, once for all threads and processes that
    /// ask at the same time.
    ///
    /// A hit costs one read, or memory alone. On a miss one caller acquires a lease in the file and runs the closure,
    /// on the calling thread, with no lock held; its result is stored and returned. The others wait for it. One of them
    /// takes over if the closure throws; if its process is killed, that happens when the lease has run out. A miss
    /// costs two commits.
    ///
    /// Where the file can't be read or written, the value is computed and returned all the same, unless
    /// `options.requiresStoring` says otherwise; `statistics()` counts such failures.
    ///
    /// - Parameters:
    ///   - key: 1 to 1024 bytes of UTF-8.
    ///   - type: as which the value is decoded and encoded, as by `get` and `set`. Name it where the compiler could
    ///     infer an optional. An optional is stored as the value that it wraps, and nil is refused.
    ///   - expiry: of a computed value, counted from the moment at which it is stored. `.default` is never, unless
    ///     `Configuration.defaultTimeToLive` says otherwise: for a cache, name an expiry. `.keep` leaves the expiry of
    ///     a stale value, and means `.default` for a new one. With a date that has passed the value is returned and not
    ///     stored. A closure that returns a ``Computed`` names the expiry itself.
    ///   - staleAfter: if given, a live value that was written that long ago, or longer, is stale: one caller computes
    ///     it anew and waits for it, the others get the stale value at once. An expired value is never returned. Longer
    ///     than zero, in whole milliseconds, rounded up.
    ///   - tag: of a computed value: 1 to 1024 bytes of UTF-8, or nil for none.
    ///   - options: how long the closure may take, how long a caller waits for another one's result, whether it is an
    ///     error that the file can't be used, and whether a value that `Content` can't decode is computed anew.
    ///   - compute: returns the value. It may use the store, also `getOrCompute` with other keys. If it takes longer
    ///     than `options.leaseDuration`, its result is returned and not stored.
    /// - Returns: the value, found or computed.
    /// - Throws: what the closure throws, to the caller whose closure it is: nothing is stored then, and the next
    ///   caller may try at once. `timedOut` if another caller computes for longer than `options.timeout`; `reentrant`
    ///   if the closure asks for its own key; `invalidKey`, `invalidTag`, `invalidExpiry`, `invalidArgument` before it
    ///   runs; `encodingFailed`, `valueTooLarge`; `wrongKind` and `decodingFailed` for a stored value, unless it is
    ///   computed anew; `closed` if the store is closed meanwhile; `forked`. With `requiresStoring` the errors of a
    ///   read, and on a miss the errors of a write.
    public func getOrCompute<Content: Codable & Sendable>(
        _ key: String, as type: Content.Type = Content.self, expiring expiry: Expiry = .default,
        staleAfter: Duration? = nil, tag: String? = nil, options: ComputeOptions = ComputeOptions(),
        _ compute: () throws -> Content
    ) throws -> Content {
        let computation = try Computation(
            key, expiring: expiry, staleAfter: staleAfter, tag: tag, options, engine.configuration)
        return try engine.run(computation) { (try compute(), nil) }
    }

    /// The live value of a key; where there is none, the closure computes it, once for all threads and processes that
    /// ask at the same time.
    ///
    /// A hit costs one read, or memory alone. On a miss one caller acquires a lease in the file and runs the closure,
    /// as a part of the task, with no lock held; its result is stored and returned. The others wait for it. One of them
    /// takes over if the closure throws; if its process is killed, that happens when the lease has run out. A miss
    /// costs two commits.
    ///
    /// Where the file can't be read or written, the value is computed and returned all the same, unless
    /// `options.requiresStoring` says otherwise; `statistics()` counts such failures.
    ///
    /// Waiting for another caller's result suspends the task and blocks no thread. A task that is cancelled while it
    /// waits throws `CancellationError`. While the closure runs, the closure decides what cancellation does.
    ///
    /// - Parameters:
    ///   - key: 1 to 1024 bytes of UTF-8.
    ///   - type: as which the value is decoded and encoded, as by `get` and `set`. Name it where the compiler could
    ///     infer an optional. An optional is stored as the value that it wraps, and nil is refused.
    ///   - expiry: of a computed value, counted from the moment at which it is stored. `.default` is never, unless
    ///     `Configuration.defaultTimeToLive` says otherwise: for a cache, name an expiry. `.keep` leaves the expiry of
    ///     a stale value, and means `.default` for a new one. With a date that has passed the value is returned and not
    ///     stored. A closure that returns a ``Computed`` names the expiry itself.
    ///   - staleAfter: if given, a live value that was written that long ago, or longer, is stale: one caller computes
    ///     it anew and waits for it, the others get the stale value at once. An expired value is never returned. Longer
    ///     than zero, in whole milliseconds, rounded up.
    ///   - tag: of a computed value: 1 to 1024 bytes of UTF-8, or nil for none.
    ///   - options: how long the closure may take, how long a caller waits for another one's result, whether it is an
    ///     error that the file can't be used, and whether a value that `Content` can't decode is computed anew.
    ///   - compute: returns the value. It may use the store, also `getOrCompute` with other keys. If it takes longer
    ///     than `options.leaseDuration`, its result is returned and not stored.
    /// - Returns: the value, found or computed.
    /// - Throws: what the closure throws, to the caller whose closure it is: nothing is stored then, and the next
    ///   caller may try at once. `timedOut` if another caller computes for longer than `options.timeout`; `reentrant`
    ///   if the closure asks for its own key; `invalidKey`, `invalidTag`, `invalidExpiry`, `invalidArgument` before it
    ///   runs; `encodingFailed`, `valueTooLarge`; `wrongKind` and `decodingFailed` for a stored value, unless it is
    ///   computed anew; `closed` if the store is closed meanwhile; `forked`. With `requiresStoring` the errors of a
    ///   read, and on a miss the errors of a write. `CancellationError` if the task is cancelled while it waits.
    public func getOrCompute<Content: Codable & Sendable>(
        _ key: String, as type: Content.Type = Content.self, expiring expiry: Expiry = .default,
        staleAfter: Duration? = nil, tag: String? = nil, options: ComputeOptions = ComputeOptions(),
        _ compute: @Sendable () async throws -> Content
    ) async throws -> Content {
        let computation = try Computation(
            key, expiring: expiry, staleAfter: staleAfter, tag: tag, options, engine.configuration)
        return try await engine.run(computation) { (try await compute(), nil) }
    }

    /// The live value of a key; where there is none, the closure computes it, once for all threads and processes that
    /// ask at the same time.
    ///
    /// A hit costs one read, or memory alone. On a miss one caller acquires a lease in the file and runs the closure,
    /// as a part of the task, with no lock held; its result is stored and returned. The others wait for it. One of them
    /// takes over if the closure throws; if its process is killed, that happens when the lease has run out. A miss
    /// costs two commits.
    ///
    /// Where the file can't be read or written, the value is computed and returned all the same, unless
    /// `options.requiresStoring` says otherwise; `statistics()` counts such failures.
    ///
    /// Waiting for another caller's result suspends the task and blocks no thread. While the closure blocks, it keeps a
    /// thread of the cooperative pool. A task that is cancelled while it waits throws `CancellationError`. While the
    /// closure runs, the closure decides what cancellation does.
    ///
    /// - Parameters:
    ///   - key: 1 to 1024 bytes of UTF-8.
    ///   - type: as which the value is decoded and encoded, as by `get` and `set`. Name it where the compiler could
    ///     infer an optional. An optional is stored as the value that it wraps, and nil is refused.
    ///   - expiry: of a computed value, counted from the moment at which it is stored. `.default` is never, unless
    ///     `Configuration.defaultTimeToLive` says otherwise: for a cache, name an expiry. `.keep` leaves the expiry of
    ///     a stale value, and means `.default` for a new one. With a date that has passed the value is returned and not
    ///     stored. A closure that returns a ``Computed`` names the expiry itself.
    ///   - staleAfter: if given, a live value that was written that long ago, or longer, is stale: one caller computes
    ///     it anew and waits for it, the others get the stale value at once. An expired value is never returned. Longer
    ///     than zero, in whole milliseconds, rounded up.
    ///   - tag: of a computed value: 1 to 1024 bytes of UTF-8, or nil for none.
    ///   - options: how long the closure may take, how long a caller waits for another one's result, whether it is an
    ///     error that the file can't be used, and whether a value that `Content` can't decode is computed anew.
    ///   - compute: returns the value. It may use the store, also `getOrCompute` with other keys. If it takes longer
    ///     than `options.leaseDuration`, its result is returned and not stored. It does not suspend.
    /// - Returns: the value, found or computed.
    /// - Throws: what the closure throws, to the caller whose closure it is: nothing is stored then, and the next
    ///   caller may try at once. `timedOut` if another caller computes for longer than `options.timeout`; `reentrant`
    ///   if the closure asks for its own key; `invalidKey`, `invalidTag`, `invalidExpiry`, `invalidArgument` before it
    ///   runs; `encodingFailed`, `valueTooLarge`; `wrongKind` and `decodingFailed` for a stored value, unless it is
    ///   computed anew; `closed` if the store is closed meanwhile; `forked`. With `requiresStoring` the errors of a
    ///   read, and on a miss the errors of a write. `CancellationError` if the task is cancelled while it waits.
    public func getOrCompute<Content: Codable & Sendable>(
        _ key: String, as type: Content.Type = Content.self, expiring expiry: Expiry = .default,
        staleAfter: Duration? = nil, tag: String? = nil, options: ComputeOptions = ComputeOptions(),
        _ compute: @Sendable () throws -> Content
    ) async throws -> Content {
        let suspending: @Sendable () async throws -> Content = { try compute() }
        return try await getOrCompute(
            key, as: type, expiring: expiry, staleAfter: staleAfter, tag: tag, options: options, suspending)
    }

    /// The live value of a key; where there is none, the closure computes it and says when it expires:
    /// `TTLStore.Computed(token, expiring: .seconds(expiresIn))`. It runs once for all threads and processes that ask
    /// at the same time.
    ///
    /// A hit costs one read, or memory alone. On a miss one caller acquires a lease in the file and runs the closure,
    /// on the calling thread, with no lock held; its result is stored and returned. The others wait for it. One of them
    /// takes over if the closure throws; if its process is killed, that happens when the lease has run out. A miss
    /// costs two commits.
    ///
    /// Where the file can't be read or written, the value is computed and returned all the same, unless
    /// `options.requiresStoring` says otherwise; `statistics()` counts such failures.
    ///
    /// - Parameters:
    ///   - key: 1 to 1024 bytes of UTF-8.
    ///   - type: as which the value is decoded and encoded, as by `get` and `set`. Name it where the compiler could
    ///     infer an optional. An optional is stored as the value that it wraps, and nil is refused.
    ///   - staleAfter: if given, a live value that was written that long ago, or longer, is stale: one caller computes
    ///     it anew and waits for it, the others get the stale value at once. An expired value is never returned. Longer
    ///     than zero, in whole milliseconds, rounded up.
    ///   - tag: of a computed value: 1 to 1024 bytes of UTF-8, or nil for none.
    ///   - options: how long the closure may take, how long a caller waits for another one's result, whether it is an
    ///     error that the file can't be used, and whether a value that `Content` can't decode is computed anew.
    ///   - compute: returns the value and when it expires, counted from the moment at which it is stored. `.default` is
    ///     never, unless `Configuration.defaultTimeToLive` says otherwise. With a date that has passed the value is
    ///     returned and not stored. The closure may use the store, also `getOrCompute` with other keys. If it takes
    ///     longer than `options.leaseDuration`, its result is returned and not stored.
    /// - Returns: the value, found or computed.
    /// - Throws: what the closure throws, to the caller whose closure it is: nothing is stored then, and the next
    ///   caller may try at once. `timedOut` if another caller computes for longer than `options.timeout`; `reentrant`
    ///   if the closure asks for its own key; `invalidKey`, `invalidTag`, `invalidExpiry`, `invalidArgument` before it
    ///   runs; `invalidExpiry` also for the result's expiry, and the result is not stored then; `encodingFailed`,
    ///   `valueTooLarge`; `wrongKind` and `decodingFailed` for a stored value, unless it is computed anew; `closed` if
    ///   the store is closed meanwhile; `forked`. With `requiresStoring` the errors of a read, and on a miss the errors
    ///   of a write.
    public func getOrCompute<Content: Codable & Sendable>(
        _ key: String, as type: Content.Type = Content.self, staleAfter: Duration? = nil, tag: String? = nil,
        options: ComputeOptions = ComputeOptions(), _ compute: () throws -> Computed<Content>
    ) throws -> Content {
        let computation = try Computation(
            key, expiring: .default, staleAfter: staleAfter, tag: tag, options, engine.configuration)
        return try engine.run(computation) {
            let computed = try compute()
            return (computed.value, computed.expiry)
        }
    }

    /// The live value of a key; where there is none, the closure computes it and says when it expires:
    /// `TTLStore.Computed(token, expiring: .seconds(expiresIn))`. It runs once for all threads and processes that ask
    /// at the same time.
    ///
    /// A hit costs one read, or memory alone. On a miss one caller acquires a lease in the file and runs the closure,
    /// as a part of the task, with no lock held; its result is stored and returned. The others wait for it. One of them
    /// takes over if the closure throws; if its process is killed, that happens when the lease has run out. A miss
    /// costs two commits.
    ///
    /// Where the file can't be read or written, the value is computed and returned all the same, unless
    /// `options.requiresStoring` says otherwise; `statistics()` counts such failures.
    ///
    /// Waiting for another caller's result suspends the task and blocks no thread. A task that is cancelled while it
    /// waits throws `CancellationError`. While the closure runs, the closure decides what cancellation does.
    ///
    /// - Parameters:
    ///   - key: 1 to 1024 bytes of UTF-8.
    ///   - type: as which the value is decoded and encoded, as by `get` and `set`. Name it where the compiler could
    ///     infer an optional. An optional is stored as the value that it wraps, and nil is refused.
    ///   - staleAfter: if given, a live value that was written that long ago, or longer, is stale: one caller computes
    ///     it anew and waits for it, the others get the stale value at once. An expired value is never returned. Longer
    ///     than zero, in whole milliseconds, rounded up.
    ///   - tag: of a computed value: 1 to 1024 bytes of UTF-8, or nil for none.
    ///   - options: how long the closure may take, how long a caller waits for another one's result, whether it is an
    ///     error that the file can't be used, and whether a value that `Content` can't decode is computed anew.
    ///   - compute: returns the value and when it expires, counted from the moment at which it is stored. `.default` is
    ///     never, unless `Configuration.defaultTimeToLive` says otherwise. With a date that has passed the value is
    ///     returned and not stored. The closure may use the store, also `getOrCompute` with other keys. If it takes
    ///     longer than `options.leaseDuration`, its result is returned and not stored.
    /// - Returns: the value, found or computed.
    /// - Throws: what the closure throws, to the caller whose closure it is: nothing is stored then, and the next
    ///   caller may try at once. `timedOut` if another caller computes for longer than `options.timeout`; `reentrant`
    ///   if the closure asks for its own key; `invalidKey`, `invalidTag`, `invalidExpiry`, `invalidArgument` before it
    ///   runs; `invalidExpiry` also for the result's expiry, and the result is not stored then; `encodingFailed`,
    ///   `valueTooLarge`; `wrongKind` and `decodingFailed` for a stored value, unless it is computed anew; `closed` if
    ///   the store is closed meanwhile; `forked`. With `requiresStoring` the errors of a read, and on a miss the errors
    ///   of a write. `CancellationError` if the task is cancelled while it waits.
    public func getOrCompute<Content: Codable & Sendable>(
        _ key: String, as type: Content.Type = Content.self, staleAfter: Duration? = nil, tag: String? = nil,
        options: ComputeOptions = ComputeOptions(), _ compute: @Sendable () async throws -> Computed<Content>
    ) async throws -> Content {
        let computation = try Computation(
            key, expiring: .default, staleAfter: staleAfter, tag: tag, options, engine.configuration)
        return try await engine.run(computation) {
            let computed = try await compute()
            return (computed.value, computed.expiry)
        }
    }

    /// The same for a closure that does not suspend and says when its result expires. It runs in the task: while it
    /// blocks, it keeps a thread of the cooperative pool.
    ///
    /// Parameters, cost and errors as for a closure that suspends.
    public func getOrCompute<Content: Codable & Sendable>(
        _ key: String, as type: Content.Type = Content.self, staleAfter: Duration? = nil, tag: String? = nil,
        options: ComputeOptions = ComputeOptions(), _ compute: @Sendable () throws -> Computed<Content>
    ) async throws -> Content {
        let suspending: @Sendable () async throws -> Computed<Content> = { try compute() }
        return try await getOrCompute(
            key, as: type, staleAfter: staleAfter, tag: tag, options: options, suspending)
    }
}
