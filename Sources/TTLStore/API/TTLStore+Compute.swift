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
    ///   - expiry: of a computed value, from the moment on at which it is stored. `.keep` leaves that of a stale value,
    ///     and means `.default` for a new one. With a date that has passed the value is returned and not stored.
    ///   - staleAfter: if given, a live value that was written that long ago, or longer, is stale: one caller computes
    ///     it anew and waits for it, the others get the stale one at once. A value that has expired is returned to
    ///     nobody. Longer than zero, in whole milliseconds, rounded up.
    ///   - tag: of a computed value.
    ///   - options: how long the closure may take, how long to wait for another one's, and whether it is an error that
    ///     the file can't be used.
    ///   - compute: returns the value. It may use the store, also `getOrCompute` with other keys. If it takes longer
    ///     than `options.leaseDuration`, its result is returned and not stored.
    /// - Returns: the value, found or computed.
    /// - Throws: what the closure throws, to the caller whose closure it is: nothing is stored then, and the next one
    ///   may try at once. `timedOut` if another caller computes for longer than `options.timeout`; `reentrant` if
    ///   the closure asks for its own key; `invalidKey`, `invalidTag`, `invalidExpiry`, `invalidArgument` before it
    ///   runs; `encodingFailed`, `valueTooLarge`; `wrongKind` and `decodingFailed` for a value that is there; `closed`
    ///   if the store is closed meanwhile; `forked`. With `requiresStoring` the errors of a read, and on a miss those
    ///   of a write.
    public func getOrCompute<Content: Codable & Sendable>(
        _ key: String, as type: Content.Type = Content.self, expiring expiry: Expiry = .default,
        staleAfter: Duration? = nil, tag: String? = nil, options: ComputeOptions = ComputeOptions(),
        _ compute: () throws -> Content
    ) throws -> Content {
        let computation = try Computation(
            key, expiring: expiry, staleAfter: staleAfter, tag: tag, options, engine.configuration)
        let first = engine.result(computation.look())
        if case .success(.fresh(let value, _)) = first { return try computation.decode(value, as: type) }
        var call = try ComputeCall<Content>(computation, engine, first)
        var step = call.looked(first)
        while true {
            switch step {
            case .look: step = call.looked(engine.result(computation.look(again: true)))
            case .claim: step = call.claimed(engine.result(computation.claim))
            case .pause(let pause):
                sleepThread(microseconds: UInt32(pause) * 1000)
                step = call.paused()
            case .wait(let seat, let deadline):
                step = call.woken(seat, engine.flights.wait(seat, until: deadline))
            case .compute: step = call.computed(Result { try call.running.run(compute) })
            case .store(let entry, let token): step = call.stored(engine.result(computation.store(entry, token: token)))
            case .release(let token):
                _ = try? engine.write(computation.release(token: token))
                step = call.released()
            case .end(let result): return try result.get()
            }
        }
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
        let first = await engine.result(computation.look())
        if case .success(.fresh(let value, _)) = first { return try computation.decode(value, as: type) }
        var call = try ComputeCall<Content>(computation, engine, first)
        var step = call.looked(first)
        while true {
            switch step {
            case .look: step = call.looked(await engine.result(computation.look(again: true)))
            case .claim: step = call.claimed(await engine.result(computation.claim))
            case .pause(let pause):
                let hasSlept: Void? = try? await Task.sleep(for: .milliseconds(pause))
                step = hasSlept == nil ? call.cancelled() : call.paused()
            case .wait(let seat, let deadline):
                step = call.woken(seat, await engine.flights.wait(seat, until: deadline), isCancelled: Task.isCancelled)
            case .compute: step = call.computed(await call.running.result(of: compute))
            case .store(let entry, let token):
                step = call.stored(await engine.result(computation.store(entry, token: token)))
            case .release(let token):
                _ = try? await engine.write(computation.release(token: token))
                step = call.released()
            case .end(let result): return try result.get()
            }
        }
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
}
