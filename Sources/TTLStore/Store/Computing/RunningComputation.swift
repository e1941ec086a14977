import Synchronization

/// A running closure of `getOrCompute`. The current ones are kept with the task, or with the thread where there is no
/// task.
final class RunningComputation: Sendable {
    /// The closures within which the caller runs, the innermost last. A task that a closure has started may outlive the
    /// closure.
    @TaskLocal static var current: [RunningComputation] = []

    private let place: Place
    /// Compared by bytes, as keys are.
    let key: [UInt8]
    private let hasEnded = Atomic<Bool>(false)

    /// Where the key is: two stores on one file are one place.
    private enum Place: Equatable {
        case file(FileIdentity)
        case memory(ObjectIdentifier)
    }

    /// - Throws: `reentrant` if the caller runs within a computation of the same key, and would wait for itself.
    init(_ key: Key, in engine: Engine) throws(TTLStoreError) {
        place = engine.file.identity.map { .file($0) } ?? .memory(ObjectIdentifier(engine))
        self.key = Array(key.text.utf8)
        for outer in RunningComputation.current
        where outer.key == self.key && outer.place == place && !outer.hasEnded.load(ordering: .acquiring) {
            throw TTLStoreError(
                .reentrant, "the closure that computes a value asked for that very value", in: Computation.name)
        }
    }

    func end() { hasEnded.store(true, ordering: .releasing) }

    func run<Content>(_ compute: () throws -> Content) throws -> Content {
        try RunningComputation.$current.withValue(RunningComputation.current + [self]) { try compute() }
    }

    func result<Content: Sendable>(
        of compute: @Sendable () async throws -> Content
    ) async -> Result<Content, any Error> {
        do {
            return .success(
                try await RunningComputation.$current.withValue(RunningComputation.current + [self]) {
                    try await compute()
                })
        } catch { return .failure(error) }
    }
}

extension Engine {
    /// The result of a step of `getOrCompute`.
    func result<Success>(_ operation: ReadOperation<Success>) -> Result<Success, TTLStoreError> {
        do throws(TTLStoreError) { return .success(try read(operation)) } catch { return .failure(error) }
    }

    func result<Success: Sendable>(_ operation: ReadOperation<Success>) async -> Result<Success, TTLStoreError> {
        do throws(TTLStoreError) { return .success(try await read(operation)) } catch { return .failure(error) }
    }

    func result<Success: Sendable>(_ operation: WriteOperation<Success>) -> Result<Success, TTLStoreError> {
        do throws(TTLStoreError) { return .success(try write(operation)) } catch { return .failure(error) }
    }

    func result<Success: Sendable>(_ operation: WriteOperation<Success>) async -> Result<Success, TTLStoreError> {
        do throws(TTLStoreError) { return .success(try await write(operation)) } catch { return .failure(error) }
    }
}
