/// What the next rows of a backlog hold, for the consumers of removals: read while others have the write lock,
/// so that a purge holds it no longer because of them. Good for nothing once anybody has committed.
struct Foresight {
    /// Of values, so much is read ahead at most, or one: the rest is read by the batch itself.
    private static let valueBytes = 4 << 20

    private let version: FileVersion
    private let demand: RemovalDemand
    /// Those that are left.
    private var rows: ArraySlice<LeavingRow> = []
    /// Up to which id all are known.
    private var end = Int64.min

    /// - Parameter ids: of rows that are due, in ascending order.
    init?(_ store: some BatchStore, _ feed: RemovalFeed, _ ids: [Int64], now: Timestamp) throws(TTLStoreError) {
        guard let demand = feed.demand else { return nil }
        self.demand = demand
        // Before the rows are read: what is committed in between changes it.
        version = try store.withWriter("purge") { writer in try writer.fileVersion() }
        var (known, end, bytes) = ([LeavingRow](), Int64.min, 0)
        try store.read("purge") { reader in
            for begin in stride(from: 0, to: min(ids.count, demand.limit), by: EntrySQL.purgeWidth) {
                let some = ids[begin..<min(begin + EntrySQL.purgeWidth, ids.count)]
                let rows = try reader.leaving(
                    some, asLive: .expired, limit: some.count, bytes: Foresight.valueBytes - bytes,
                    withValues: demand.values, now: now)
                bytes += rows.reduce(0) { $0 + $1.entry.size }
                // What was passed over because of its size is the batch's to read.
                let complete = rows.prefix { !$0.entry.isTooLarge }
                known += complete
                guard complete.count == rows.count else {
                    end = complete.last?.id ?? end
                    break
                }
                end = some.last ?? end
            }
        }
        rows = known[...]
        self.end = end
    }

    /// Whether it tells what the writer's open transaction finds, and all that is wanted of it.
    func holds(for writer: EntryWriter) throws(SQLiteError) -> Bool {
        guard demand == writer.removals.demand else { return false }
        return try version == writer.fileVersion()
    }

    /// The rows up to that id, each once; nil if they are not all known.
    mutating func take(through id: Int64) -> ArraySlice<LeavingRow>? {
        guard id <= end else { return nil }
        let taken = rows.prefix { $0.id <= id }
        rows = rows.dropFirst(taken.count)
        return taken
    }
}
