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
    /// One transaction pays for no longer than that.
    private static let budget: Milliseconds = 5

    private var nextLook = MonotonicTime(nanoseconds: 0)
    private(set) var isBacklogLong = false
    private var owed = 0

    /// Measures the backlog now and then, with no transaction open.
    mutating func look(_ writer: EntryWriter) {
        guard MonotonicTime.now >= nextLook else { return }
        // An index that can't be read is the thread's to report.
        isBacklogLong = (try? BacklogShare.isLong(writer.reader, now: writer.clock.now)) ?? false
        nextLook = .now + BacklogShare.interval
        if !isBacklogLong { owed = 0 }
    }

    /// Deletes what the members of the open transaction owe. What fails is left to the thread.
    mutating func pay(_ writer: EntryWriter) throws(SQLiteError) {
        let stored = writer.counts.sets
        guard isBacklogLong, stored > 0 else { return }
        let begun = MonotonicTime.now
        guard let now = try? writer.clock.storableNow(in: "purge") else { return }
        owed += BacklogShare.price * stored
        while owed >= BacklogShare.portion, MonotonicTime.now.milliseconds(since: begun) <= BacklogShare.budget {
            owed -= BacklogShare.portion
            let rows = try writer.reader.dueLast(now: now, limit: BacklogShare.portion)
            let deleted = try writer.purge(rows: rows.sorted { $0.id < $1.id }[...], foreseen: nil, now: now)
            writer.counts.expired += deleted.map { (expiry: $0.expiresAt, at: now) }
        }
        owed = min(owed, BacklogShare.portion)
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
    func payForBacklog() -> SQLiteError? {
        do throws(SQLiteError) { try backlogShare?.pay(self) } catch { return error }
        return nil
    }
}
