import Foundation

@testable import TTLStore

extension TTLStore.Removals {
    /// What has been committed and not yet read, without waiting for more.
    func takeBuffered() -> [TTLStore.Removal] {
        var removals: [TTLStore.Removal] = []
        while case .some(.some(let removal)) = subscription.stream.takeNext() { removals.append(removal) }
        return removals
    }
}

/// What a handler was called with.
final class HandlerCalls: @unchecked Sendable {
    // Sendable: the lock guards the batches.
    private let lock = NSLock()
    private var batches: [[TTLStore.Removal]] = []

    func append(_ batch: [TTLStore.Removal]) { lock.withLock { batches.append(batch) } }

    var all: [[TTLStore.Removal]] { lock.withLock { batches } }

    var removals: [TTLStore.Removal] { all.flatMap { $0 } }
}
