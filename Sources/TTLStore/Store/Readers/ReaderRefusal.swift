import Synchronization

/// Whether readers can be opened at the moment. After a failed opening, the next try comes a second later.
final class ReaderRefusal: Sendable {
    private static let duration: Milliseconds = 1000

    /// No reader is opened before that moment, in nanoseconds; 0 if the last one could be opened.
    private let until = Atomic<Int64>(0)
    private let leavesNone = Atomic<Bool>(false)

    /// Whether an opening failed for a reason outside the file: privileges were given up, or no descriptor is left.
    static func isOne(_ error: TTLStoreError) -> Bool {
        [.cannotOpen, .permissionDenied, .readOnlyFile].contains(error.code)
    }

    /// A reader could not be opened.
    func note(_ error: TTLStoreError, hasReaders: Bool) {
        guard ReaderRefusal.isOne(error) else { return }
        until.store((MonotonicTime.now + ReaderRefusal.duration).nanoseconds, ordering: .relaxed)
        leavesNone.store(!hasReaders, ordering: .relaxed)
    }

    /// A reader was opened.
    func end() {
        until.store(0, ordering: .relaxed)
        leavesNone.store(false, ordering: .relaxed)
    }

    var isRecent: Bool {
        let until = until.load(ordering: .relaxed)
        return until > 0 && MonotonicTime.now.nanoseconds < until
    }

    /// Whether there is no reader at all. As a rule it costs one atomic load.
    var isWithoutReaders: Bool { leavesNone.load(ordering: .relaxed) && isRecent }
}
