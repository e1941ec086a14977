#if Hummingbird
internal import Synchronization

/// True once, for the first caller.
final class OnceFlag: Sendable {
    private let isTaken = Atomic(false)

    func take() -> Bool { !isTaken.exchange(true, ordering: .relaxed) }
}
#endif
