/// The writers' share in deleting a backlog that the store's thread can't keep up with: each value that they store pays
/// for the deletion of two expired entries, in its own transaction. So a store's size depends on its live entries, and
/// not on how long it has been written to. The share belongs to the holder of the turn.
struct BacklogShare {
    /// Up to this many expired entries, the thread deletes alone.
    static let tolerated = 10_000
    /// How often the backlog is measured. Each time costs a walk over `tolerated` entries of the index of expiries.
    private static let interval: Milliseconds = 100
    /// An entry that has been due for less does not count: the thread collects due entries, and will purge it in a
    /// moment.
    private static let coalescing: Milliseconds = 200
    /// How many entries are deleted for each stored value.
    private static let price = 2
    /// How many entries one statement deletes. Deleting them singly would open the table and its indexes for each.
    private static let portion = 32
    /// One transaction pays for no longer than its own work has taken, or for this long.
    private static let budget: Milliseconds = 5
    /// The next transactions pay what one had no time to pay, up to this many entries.
    private static let longestDebt = 100_000

    /// A process that lives for less than an interval leaves the backlog to its last effort.
    private var nextMeasurement = MonotonicTime.now + interval
    private(set) var isBacklogLong = false
    private var owed = 0

    /// Measures the backlog now and then, with no transaction open.
    mutating func measure(_ writer: EntryWriter) {
        guard MonotonicTime.now >= nextMeasurement else { return }
        // The thread reports an index that can't be read.
        isBacklogLong = (try? BacklogShare.isLong(writer.reader, now: writer.clock.now)) ?? false
        nextMeasurement = .now + BacklogShare.interval
        if !isBacklogLong { owed = 0 }
    }

    /// Deletes the expired entries for which the members of the open transaction pay. The thread deals with entries on
    /// which this fails.
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
    /// - Returns: the failure, which may have ended the transaction, see `Connection.isInTransaction`.
    func payForBacklog(since start: MonotonicTime) -> SQLiteError? {
        do throws(SQLiteError) { try backlogShare?.pay(self, since: start) } catch { return error }
        return nil
    }
}
