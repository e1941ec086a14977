import CTTLBenchmarkLoops
import TTLStore

/// What is done with one existing entry, in a commit of its own.
enum Change: CaseIterable {
    case take, increment, compareAndSet, touch

    var title: String {
        switch self {
        case .take: "take"
        case .increment: "increment"
        case .compareAndSet: "compare and set"
        case .touch: "touch"
        }
    }

    // MARK: In C

    var loop: ttl_bench_change {
        switch self {
        case .take: TTL_BENCH_TAKE
        case .increment: TTL_BENCH_INCREMENT
        case .compareAndSet: TTL_BENCH_COMPARE_AND_SET
        case .touch: TTL_BENCH_TOUCH
        }
    }

    /// What the transaction reads; of a compare-and-set, what is read before.
    var read: String? {
        switch self {
        case .take, .increment: SQL.get
        case .compareAndSet: SQL.revision
        case .touch: nil
        }
    }

    var write: String {
        switch self {
        case .take: SQL.remove
        case .increment: SQL.replaceValue
        case .compareAndSet: SQL.setIfUnchanged
        case .touch: SQL.touch
        }
    }

    // MARK: By the store

    /// - Parameter revision: that a compare-and-set expects.
    func run(_ store: TTLStore, _ key: String, _ revision: TTLStore.Revision) throws {
        let isDone =
            switch self {
            case .take: try store.take(key) != nil
            case .increment: try store.increment(key) > 0
            case .compareAndSet:
                try store.set(key, Material.value, expiring: .after(timeToLive), when: .ifUnchanged(since: revision))
                    == .stored
            case .touch: try store.touch(key, expiring: .after(timeToLive)) == .touched
            }
        guard isDone else { throw WrongResult("\(title): the entry is not as expected") }
    }
}
