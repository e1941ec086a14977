/// What the store's writers do about a backlog that its thread can't keep up with: each value that they store pays for
/// the deletion of two expired entries, in its own transaction. So a store's size depends on what is live, and not on
/// for how long it is written to. It belongs to the holder of the turn.
struct BacklogShare {
    /// So many expired entries are the thread's alone.
    static let tolerated = 10_000
    /// How often the backlog is measured, which costs a step over so many entries of the index of expiries.
    private static let interval: Milliseconds = 100
    /// An entry that has been due for less will be purged in a moment: the thread collects what is due together.
    private static let coalescing: Milliseconds = 200
    /// Entries that are deleted for each that is stored.
    private static let price = 2
    /// So many are deleted at a time: one after the other, each would open the table and its indexes.
    private static let portion = 32
    /// One transaction pays for no longer than its own work has taken, or than that.
    private static let budget: Milliseconds = 5
    /// What a transaction has had no time to pay is left to the next ones, up to so many entries.
    private static let longestDebt = 100_000

    /// A process that lives for less leaves it to its last effort.
    private var nextMeasurement = MonotonicTime.now + interval
    private(set) var isBacklogLong = false
    private var owed = 0

    /// Measures the backlog now and then, with no transaction open.
    mutating func measure(_ writer: EntryWriter) {
        guard MonotonicTime.now >= nextMeasurement else { return }
        // An index that can't be read is the thread's to report.
        isBacklogLong = (try? BacklogShare.isLong(writer.reader, now: writer.clock.now)) ?? false
        nextMeasurement = .now + BacklogShare.interval
        if !isBacklogLong { owed = 0 }
    }

    /// Deletes what the members of the open transaction owe. What fails is left to the thread.
    /// - Parameter start: when their work began.
    mutating func pay(_ writer: EntryWriter, since start: MonotonicTime) throws(SQLiteError) {
        let stored = writer.counts.sets
        guard isBacklogLong, stored > 0 else { return }
        let begun = MonotonicTime.now
        guard let now = try? writer.clock.storableNow(in: "purge") else { return }
        owed = min(owed + BacklogShare.price * stored, BacklogShare.longestDebt)
        let budget = max(BacklogShare.budget, begun.milliseconds(since: start))
        while owed >= BacklogShare.portion, MonotonicTime.now.milliseconds(since: begun) <= budget {
            owed -= BacklogShare.portion
            let rows = try writer.reader.dueLast(now: now, limit: BacklogShare.portion)
            guard !rows.isEmpty else { break }
            let deleted = try writer.purge(rows: rows.sorted { $0.id < $1.id }[...], foreseen: nil, now: now)
            writer.counts.expired += deleted.map { (expiry: $0.expiresAt, at: now) }
        }
    }

    private static func isLong(_ reader: EntryReader, now: Timestamp) throws(SQLiteError) -> Bool {
        guard TimeConversion.isStorable(now), let first = try reader.nextExpiry(), first <= now - coalescing
        else { return false }
        return try reader.isBacklog(longerThan: tolerated, now: now)
    }
}

extension EntryWriter {
    /// Within the open transaction.
    /// - Returns: what has failed; the transaction may be lost by it, see `Connection.isInTransaction`.
    func payForBacklog(since start: MonotonicTime) -> SQLiteError? {
        do throws(SQLiteError) { try backlogShare?.pay(self, since: start) } catch { return error }
        return nil
    }
}
