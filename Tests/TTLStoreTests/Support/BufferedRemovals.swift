import TTLTestSupport

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
typealias HandlerCalls = Collected<[TTLStore.Removal]>

extension HandlerCalls {
    var removals: [TTLStore.Removal] { all.flatMap { $0 } }
}
