import TTLTestSupport

@testable import TTLStore

extension TTLStore.Removals {
    /// The committed removals that were not read yet, without waiting for more.
    func takeBuffered() -> [TTLStore.Removal] {
        var removals: [TTLStore.Removal] = []
        while case .some(.some(let removal)) = subscription.stream.takeNext() { removals.append(removal) }
        return removals
    }
}

/// The arguments of a handler's calls.
typealias HandlerCalls = Collected<[TTLStore.Removal]>

extension HandlerCalls {
    var removals: [TTLStore.Removal] { all.flatMap { $0 } }
}
