extension TTLStore {
    /// The live value of a key; where there is none, the closure computes it, once for all threads and processes that
    /// ask at the same time.
    ///
    /// A hit costs one read. On a miss one caller acquires a lease in the file and runs the closure, on the calling
    /// thread, with no lock held; its result is stored and returned. The others wait until the value is there, and take
    /// over if the closure throws, or if its process is killed, when the lease has run out. A miss costs two commits.
    ///
    /// - Parameters:
    ///   - key: 1 to 1024 bytes of UTF-8.
    ///   - type: as which the value is decoded and encoded, as by `get` and `set`. Name it where the compiler could
    ///     take the result for an optional, which is stored as JSON: for instance where it is compared with one.
    ///   - expiry: of a computed value, from the moment on at which it is stored. `.keep` leaves that of a stale value,
    ///     and means `.default` for a new one. With a date that has passed the value is returned and not stored.
    ///   - freshFor: if given, a live value that was written that long ago, or longer, is stale: one caller computes it
    ///     anew and waits for it, the others get the stale one at once. A value that has expired is returned to nobody.
    ///     Longer than zero, in whole milliseconds, rounded up.
    ///   - tag: of a computed value.
    ///   - options: how long the closure may take, and how long to wait for another one's.
    ///   - compute: returns the value. It may use the store, also `getOrCompute` with other keys. If it takes longer
    ///     than `options.leaseDuration`, its result is returned and not stored.
    /// - Returns: the value, found or computed.
    /// - Throws: what the closure throws, to the caller whose closure it is: nothing is stored then, and the next one
    ///   may try at once. `timedOut` if somebody else computes for longer than `options.waitingAtMost`; `reentrant` if
    ///   the closure asks for its own key; `invalidKey`, `invalidTag`, `invalidExpiry`, `invalidArgument` before it
    ///   runs; `encodingFailed`, `valueTooLarge`; `wrongKind` and `decodingFailed` for a value that is there; the
    ///   errors of a read, and on a miss those of a write. `closed` if the store is closed meanwhile.
    public func getOrCompute<Content: Codable & Sendable>(
        _ key: String, as type: Content.Type = Content.self, expiring expiry: Expiry = .default,
        freshFor: Duration? = nil, tag: String? = nil, options: ComputeOptions = ComputeOptions(),
        _ compute: () throws -> Content
    ) throws -> Content {
        let computation = try Computation(
            key, expiring: expiry, freshFor: freshFor, tag: tag, options, engine.configuration)
        var sighting = try engine.read(computation.look())
        if case .fresh(let value) = sighting { return try computation.decode(value, as: type) }
        let running = try RunningComputation(computation.key, in: engine)
        let begun = MonotonicTime.now
        var plan = ComputePlan(patience: computation.patience)
        while true {
            switch plan.next(sighting, waited: MonotonicTime.now.milliseconds(since: begun)) {
            case .serve(let value): return try computation.decode(value, as: type)
            case .claim:
                switch try claim(computation, sighting) {
                case .acquired(let token): return try run(computation, running, token: token, compute)
                case .seen(let seen): sighting = seen
                }
            case .wait(let pause):
                sleepThread(microseconds: UInt32(pause) * 1000)
                sighting = try engine.read(computation.look(again: true))
            case .giveUp: throw computation.timedOut
            }
        }
    }

    /// As the synchronous form; the closure runs in the task, and no thread waits for what others compute.
    ///
    /// A task that is cancelled while it waits throws `CancellationError`. While the closure runs, cancellation is the
    /// closure's matter.
    public func getOrCompute<Content: Codable & Sendable>(
        _ key: String, as type: Content.Type = Content.self, expiring expiry: Expiry = .default,
        freshFor: Duration? = nil, tag: String? = nil, options: ComputeOptions = ComputeOptions(),
        _ compute: @Sendable () async throws -> Content
    ) async throws -> Content {
        let computation = try Computation(
            key, expiring: expiry, freshFor: freshFor, tag: tag, options, engine.configuration)
        var sighting = try await engine.read(computation.look())
        if case .fresh(let value) = sighting { return try computation.decode(value, as: type) }
        let running = try RunningComputation(computation.key, in: engine)
        let begun = MonotonicTime.now
        var plan = ComputePlan(patience: computation.patience)
        while true {
            switch plan.next(sighting, waited: MonotonicTime.now.milliseconds(since: begun)) {
            case .serve(let value): return try computation.decode(value, as: type)
            case .claim:
                switch try await claim(computation, sighting) {
                case .acquired(let token): return try await run(computation, running, token: token, compute)
                case .seen(let seen): sighting = seen
                }
            case .wait(let pause):
                try await Task.sleep(for: .milliseconds(pause))
                sighting = try await engine.read(computation.look(again: true))
            case .giveUp: throw computation.timedOut
            }
        }
    }

    /// The same for a closure that does not suspend. It runs in the task: while it blocks, it keeps a thread of the
    /// cooperative pool.
    public func getOrCompute<Content: Codable & Sendable>(
        _ key: String, as type: Content.Type = Content.self, expiring expiry: Expiry = .default,
        freshFor: Duration? = nil, tag: String? = nil, options: ComputeOptions = ComputeOptions(),
        _ compute: @Sendable () throws -> Content
    ) async throws -> Content {
        let suspending: @Sendable () async throws -> Content = { try compute() }
        return try await getOrCompute(
            key, as: type, expiring: expiry, freshFor: freshFor, tag: tag, options: options, suspending)
    }

    private func claim(
        _ computation: Computation, _ sighting: ComputePlan.Sighting
    ) throws(TTLStoreError) -> Computation.Claim {
        do throws(TTLStoreError) { return try engine.write(computation.claim) } catch {
            guard computation.mayServe(sighting, after: error) else { throw error }
            return try computation.seen(try engine.read(computation.look(again: true)), after: error)
        }
    }

    private func claim(
        _ computation: Computation, _ sighting: ComputePlan.Sighting
    ) async throws(TTLStoreError) -> Computation.Claim {
        do throws(TTLStoreError) { return try await engine.write(computation.claim) } catch {
            guard computation.mayServe(sighting, after: error) else { throw error }
            return try computation.seen(try await engine.read(computation.look(again: true)), after: error)
        }
    }

    private func run<Content: Codable & Sendable>(
        _ computation: Computation, _ running: RunningComputation, token: Int64, _ compute: () throws -> Content
    ) throws -> Content {
        engine.computations.begin(token)
        defer {
            engine.computations.end(token)
            running.end()
        }
        do {
            let content = try RunningComputation.$current.withValue(RunningComputation.current + [running]) {
                try compute()
            }
            _ = try engine.write(computation.store(try computation.entry(content), token: token))
            return content
        } catch {
            // If that fails as well, the lease runs out by itself.
            _ = try? engine.write(computation.release(token: token))
            throw error
        }
    }

    private func run<Content: Codable & Sendable>(
        _ computation: Computation, _ running: RunningComputation, token: Int64,
        _ compute: @Sendable () async throws -> Content
    ) async throws -> Content {
        engine.computations.begin(token)
        defer {
            engine.computations.end(token)
            running.end()
        }
        do {
            let content = try await RunningComputation.$current.withValue(RunningComputation.current + [running]) {
                try await compute()
            }
            _ = try await engine.write(computation.store(try computation.entry(content), token: token))
            return content
        } catch {
            // If that fails as well, the lease runs out by itself.
            _ = try? await engine.write(computation.release(token: token))
            throw error
        }
    }
}
