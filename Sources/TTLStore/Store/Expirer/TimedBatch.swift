/// Deletions in one transaction that holds the write lock for about a budget of time, its commit included. Purge and
/// eviction share it; the thread, a purge by hand and a closing store run them.
struct TimedBatch {
    /// How long a closing store holds the write lock for one.
    static let lastBudget: Milliseconds = 10

    var pace: BatchPace
    /// How long the last batch has held the write lock, rounded up.
    private(set) var held: Milliseconds = 0
    /// How long the lock is left to others after that.
    var pause: Milliseconds { pace.pause }
    private var width = StatementWidth()
    /// The part of its time that a batch needs for its commit, by the batches so far.
    private var commitShare = 0.3

    init(pace: BatchPace = BatchPace()) { self.pace = pace }

    /// One batch, while it runs.
    struct Slot {
        fileprivate let held = MonotonicTime.now
        fileprivate var begun = MonotonicTime.now
        /// For the statements, and for those for which others wait, in nanoseconds.
        fileprivate var (time, yieldingTime) = (Int64(0), Int64(0))
        fileprivate var pages: PageBudget?
        fileprivate let isWanted: () -> Bool
        fileprivate var width: StatementWidth
        fileprivate var end = BatchPace.End.done

        fileprivate init(isWanted: @escaping () -> Bool, width: StatementWidth) {
            self.isWanted = isWanted
            self.width = width
        }

        /// Starts the batch's time anew.
        mutating func beginAgain() {
            begun = .now
            pages?.beginAgain()
        }

        /// Whether there is time for another statement.
        mutating func mayGoOn() -> Bool {
            let elapsed = MonotonicTime.now.nanoseconds - begun.nanoseconds
            if elapsed >= yieldingTime, isWanted() {
                end = .wanted
            } else if elapsed > time || pages?.isUsedUp ?? false {
                end = .usedUp
            }
            return end == .done
        }

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
        var pace = pace
        var slot = Slot(isWanted: { false }, width: width)
        var deleted = MonotonicTime.now
        let success = try store.withTransaction(operation) { writer in
            slot = Slot(isWanted: { store.isWanted }, width: width)
            let budget = pace.begin(store.sight)
            slot.time = statementTime(budget.time)
            slot.yieldingTime = statementTime(budget.yieldingTime)
            if budget.pages < .max { slot.pages = PageBudget(budget.pages, writer.connection) }
            let success = try body(writer, &slot)
            deleted = .now
            return success
        }
        let ended = MonotonicTime.now
        width = slot.width
        held = ended.milliseconds(since: slot.held)
        pace.ended(slot.end, held: held, at: ended)
        self.pace = pace
        note(commit: ended.nanoseconds - deleted.nanoseconds, of: ended.nanoseconds - slot.held.nanoseconds)
        return success
    }

    /// What a commit leaves of that time, in nanoseconds.
    private func statementTime(_ time: Milliseconds) -> Int64 { Int64(Double(time) * 1_000_000 * (1 - commitShare)) }

    /// A long commit leaves less time to the next batch, which then has a short one. So both are averaged.
    private mutating func note(commit: Int64, of held: Int64) {
        guard held > 0 else { return }
        commitShare = min(0.8, (commitShare + Double(commit) / Double(held)) / 2)
    }
}

/// The pages that a batch may change. With an empty cache at the begin, every page that it changes is first read.
private struct PageBudget {
    private let connection: Connection
    private let count: Int
    private var end: Int

    init(_ count: Int, _ connection: Connection) {
        self.connection = connection
        self.count = count
        connection.releaseMemory()
        end = connection.pagesRead + count
    }

    mutating func beginAgain() { end = connection.pagesRead + count }

    var isUsedUp: Bool { connection.pagesRead >= end }
}
