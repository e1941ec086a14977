extension TTLStore {
    /// The live value of a key; where there is none, the closure computes it, once for all threads and processes that
    /// ask at the same time.
    ///
    /// A hit costs one read. On a miss one caller acquires a lease in the file and runs the closure, on the calling
    /// thread, with no lock held; its result is stored and returned. The others wait for it, and take over if the
    /// closure throws, or if its process is killed, when the lease has run out. A miss costs two commits.
    ///
    /// Where the file can't be read or written, the value is computed and returned all the same, unless
    /// `options.requiresStoring` says otherwise; `statistics()` tells.
    ///
    /// - Parameters:
    ///   - key: 1 to 1024 bytes of UTF-8.
    ///   - type: as which the value is decoded and encoded, as by `get` and `set`. Name it where the compiler could
    ///     take the result for an optional, which is stored as what it wraps, and refused where it is nil.
    ///   - expiry: of a computed value, from the moment on at which it is stored. `.default` is never, unless
    ///     `Configuration.defaultTimeToLive` says otherwise: a cache names one. `.keep` leaves that of a stale value,
    ///     and means `.default` for a new one. With a date that has passed the value is returned and not stored. A
    ///     closure that returns a ``Computed`` says it itself.
    ///   - staleAfter: if given, a live value that was written that long ago, or longer, is stale: one caller computes
    ///     it anew and waits for it, the others get the stale one at once. A value that has expired is returned to
    ///     nobody. Longer than zero, in whole milliseconds, rounded up.
    ///   - tag: of a computed value.
    ///   - options: how long the closure may take, how long to wait for another one's, whether it is an error that the
    ///     file can't be used, and whether a value that is no `Content` any more is computed anew.
    ///   - compute: returns the value. It may use the store, also `getOrCompute` with other keys. If it takes longer
    ///     than `options.leaseDuration`, its result is returned and not stored.
    /// - Returns: the value, found or computed.
    /// - Throws: what the closure throws, to the caller whose closure it is: nothing is stored then, and the next one
    ///   may try at once. `timedOut` if another caller computes for longer than `options.timeout`; `reentrant` if
    ///   the closure asks for its own key; `invalidKey`, `invalidTag`, `invalidExpiry`, `invalidArgument` before it
    ///   runs; `encodingFailed`, `valueTooLarge`; `wrongKind` and `decodingFailed` for a value
    ///   that is there, unless it is computed anew; `closed`
    ///   if the store is closed meanwhile; `forked`. With `requiresStoring` the errors of a read, and on a miss those
    ///   of a write.
    public func getOrCompute<Content: Codable & Sendable>(
        _ key: String, as type: Content.Type = Content.self, expiring expiry: Expiry = .default,
        staleAfter: Duration? = nil, tag: String? = nil, options: ComputeOptions = ComputeOptions(),
        _ compute: () throws -> Content
    ) throws -> Content {
        let computation = try Computation(
            key, expiring: expiry, staleAfter: staleAfter, tag: tag, options, engine.configuration)
        return try engine.run(computation) { (try compute(), nil) }
    }

    /// As the synchronous form; the closure runs in the task, and no thread waits for what others compute.
    ///
    /// A task that is cancelled while it waits throws `CancellationError`. While the closure runs, cancellation is the
    /// closure's matter.
    public func getOrCompute<Content: Codable & Sendable>(
        _ key: String, as type: Content.Type = Content.self, expiring expiry: Expiry = .default,
        staleAfter: Duration? = nil, tag: String? = nil, options: ComputeOptions = ComputeOptions(),
        _ compute: @Sendable () async throws -> Content
    ) async throws -> Content {
        let computation = try Computation(
            key, expiring: expiry, staleAfter: staleAfter, tag: tag, options, engine.configuration)
        return try await engine.run(computation) { (try await compute(), nil) }
    }

    /// The same for a closure that does not suspend. It runs in the task: while it blocks, it keeps a thread of the
    /// cooperative pool.
    public func getOrCompute<Content: Codable & Sendable>(
        _ key: String, as type: Content.Type = Content.self, expiring expiry: Expiry = .default,
        staleAfter: Duration? = nil, tag: String? = nil, options: ComputeOptions = ComputeOptions(),
        _ compute: @Sendable () throws -> Content
    ) async throws -> Content {
        let suspending: @Sendable () async throws -> Content = { try compute() }
        return try await getOrCompute(
            key, as: type, expiring: expiry, staleAfter: staleAfter, tag: tag, options: options, suspending)
    }

    /// The same for a closure that says when its result expires: `TTLStore.Computed(token, expiring:
    /// .seconds(expiresIn))`.
    ///
    /// Parameters, cost and errors as those of the form with an expiry; `invalidExpiry` also for the result's, which is
    /// not stored then.
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

    /// As the synchronous form; the closure runs in the task, and no thread waits for what others compute.
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
}
