/// The leases of the closures of `getOrCompute` that this store runs. A closing store releases them, so that no other
/// caller has to wait until they run out.
final class HeldComputations: @unchecked Sendable {
    // Sendable: the lock guards the tokens.
    private let lock = Lock()
    private var held: Set<Int64> = []

    func begin(_ token: Int64) { lock.withLock { _ = held.insert(token) } }

    func end(_ token: Int64) { lock.withLock { _ = held.remove(token) } }

    var tokens: [Int64] { lock.withLock { held.sorted() } }
}

extension Engine {
    /// Runs on a writer that no other thread uses any more. A closure that is still running finds the store closed when
    /// it returns.
    func releaseComputations(_ store: ClosingStore) {
        let tokens = computations.tokens
        guard !tokens.isEmpty else { return }
        // If that fails, the leases run out by themselves.
        try? store.withTransaction("close") { writer in
            for token in tokens { try writer.leases.releaseComputation(token: token) }
        }
    }
}
