/// Deletions in one transaction that holds the write lock for about a budget of time, its commit included. Purge and
/// eviction share it; the thread, a purge by hand and a closing store run them.
struct TimedBatch {
    /// How long a batch may hold the write lock.
    static let budget: Milliseconds = 10

    /// A test may set less.
    var budget = TimedBatch.budget
    /// How long the last batch has held the write lock, rounded up.
    private(set) var held: Milliseconds = 0
    private var width = StatementWidth()
    /// How long the last commit took, to leave room for the next one.
    private var lastCommit: Milliseconds = 1

    /// The time of one batch, while it runs.
    struct Slot {
        fileprivate let held = MonotonicTime.now
        private var begun = MonotonicTime.now
        fileprivate let budget: Milliseconds
        fileprivate var width: StatementWidth

        fileprivate init(budget: Milliseconds, width: StatementWidth) {
            self.budget = budget
            self.width = width
        }

        /// Starts the batch's time anew.
        mutating func beginAgain() { begun = .now }

        var hasTime: Bool { MonotonicTime.now.milliseconds(since: begun) <= budget }

        /// Runs one statement, which gets the number of rows that it may take.
        mutating func statement<Success, Failure>(
            _ body: (Int) throws(Failure) -> Success
        ) throws(Failure) -> Success {
            let begun = MonotonicTime.now
            let success = try body(width.rows)
            width.adapt(begun: begun)
            return success
        }
    }

    /// Runs `body` in a transaction.
    mutating func run<Success>(
        _ operation: String, in store: some BatchStore, _ body: (EntryWriter, inout Slot) throws -> Success
    ) throws(TTLStoreError) -> Success {
        var slot = Slot(budget: 0, width: width)
        var deleted = MonotonicTime.now
        let success = try store.withTransaction(operation) { writer in
            slot = Slot(budget: max(min(2, budget), budget - lastCommit), width: width)
            let success = try body(writer, &slot)
            deleted = .now
            return success
        }
        let ended = MonotonicTime.now
        width = slot.width
        lastCommit = ended.milliseconds(since: deleted)
        held = ended.milliseconds(since: slot.held)
        return success
    }
}
