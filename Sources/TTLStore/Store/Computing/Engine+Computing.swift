/// Carries out the steps of a `ComputeCall`, on a thread and in a task.
extension Engine {
    /// - Parameter compute: returns the value, and an expiry if the closure names one.
    func run<Content: Codable & Sendable>(
        _ computation: Computation, _ compute: () throws -> (content: Content, expiry: Expiry?)
    ) throws -> Content {
        let first = firstLook(computation)
        if let content = served(computation, first, as: Content.self) { return content }
        return try goOn(computation, sighting(first), compute)
    }

    private typealias FirstLook = Result<Hit<ComputePlan.Sighting>, TTLStoreError>

    /// The reading returns nil for no key; the try to acquire the lease would look again.
    private func firstLook(_ computation: Computation) -> FirstLook {
        do throws(TTLStoreError) {
            return .success(try read(computation.firstLook, computation.key) ?? .file(.absent(isHeld: false)))
        } catch { return .failure(error) }
    }

    private func firstLook(_ computation: Computation) async -> FirstLook {
        do throws(TTLStoreError) {
            return .success(try await read(computation.firstLook, computation.key) ?? .file(.absent(isHeld: false)))
        } catch { return .failure(error) }
    }

    /// What was read first, decoded where that can be served at once; nil where the call goes on.
    private func served<Content: Decodable & Sendable>(
        _ computation: Computation, _ first: FirstLook, as type: Content.Type
    ) -> Content? {
        guard case .success(let found) = first else { return nil }
        if let kept = found.kept(of: type) { return kept.content(as: type) }
        guard case .fresh(let value, _)? = found.content else { return nil }
        guard ValueCoding.isKept(type) else { return try? computation.decode(value, as: type) }
        return try? made(of: found, as: type) { (_) throws(TTLStoreError) in
            try computation.decode(value, as: type)
        }
    }

    private func sighting(_ first: FirstLook) -> Result<ComputePlan.Sighting, TTLStoreError> {
        first.map { $0.content ?? .absent(isHeld: false) }
    }

    private func goOn<Content: Codable & Sendable>(
        _ computation: Computation, _ first: Result<ComputePlan.Sighting, TTLStoreError>,
        _ compute: () throws -> (content: Content, expiry: Expiry?)
    ) throws -> Content {
        var call = try ComputeCall<Content>(computation, self, first)
        var step = call.valueRead(first)
        while true {
            switch step {
            case .readValue: step = call.valueRead(result(call.computation.lookAgain))
            case .acquireLease: step = call.acquired(result(call.computation.acquireLease))
            case .pause(let pause):
                sleepThread(microseconds: UInt32(pause) * 1000)
                step = call.paused()
            case .wait(let seat, let deadline): step = call.woken(seat, flights.wait(seat, until: deadline))
            case .compute: step = call.computed(Result { try call.running.run(compute) })
            case .store(let entry, let token): step = call.stored(result(call.computation.store(entry, token: token)))
            case .release(let token):
                _ = try? write(call.computation.release(token: token))
                step = call.released()
            case .end(let result): return try result.get()
            }
        }
    }

    /// As the synchronous form; the closure runs in the task.
    func run<Content: Codable & Sendable>(
        _ computation: Computation, _ compute: @Sendable () async throws -> (content: Content, expiry: Expiry?)
    ) async throws -> Content {
        let first = await firstLook(computation)
        if let content = served(computation, first, as: Content.self) { return content }
        return try await goOn(computation, sighting(first), compute)
    }

    private func goOn<Content: Codable & Sendable>(
        _ computation: Computation, _ first: Result<ComputePlan.Sighting, TTLStoreError>,
        _ compute: @Sendable () async throws -> (content: Content, expiry: Expiry?)
    ) async throws -> Content {
        var call = try ComputeCall<Content>(computation, self, first)
        var step = call.valueRead(first)
        while true {
            switch step {
            case .readValue: step = call.valueRead(await result(call.computation.lookAgain))
            case .acquireLease: step = call.acquired(await result(call.computation.acquireLease))
            case .pause(let pause):
                let hasSlept: Void? = try? await Task.sleep(for: .milliseconds(pause))
                step = hasSlept == nil ? call.cancelled() : call.paused()
            case .wait(let seat, let deadline):
                step = call.woken(seat, await flights.wait(seat, until: deadline), isCancelled: Task.isCancelled)
            case .compute: step = call.computed(await call.running.result(of: compute))
            case .store(let entry, let token):
                step = call.stored(await result(call.computation.store(entry, token: token)))
            case .release(let token):
                _ = try? await write(call.computation.release(token: token))
                step = call.released()
            case .end(let result): return try result.get()
            }
        }
    }
}
