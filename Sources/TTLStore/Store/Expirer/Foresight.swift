/// The contents of the next rows of a backlog, for the consumers of removals. They are read while others have the write
/// lock, so that a purge does not hold it for longer because of consumers. Any commit makes them worthless.
struct Foresight {
    /// How many bytes of values are read ahead at most, or one value. The batch itself reads the rest.
    private static let valueBytes = 4 << 20

    private let version: FileVersion
    private let demand: RemovalDemand
    /// The remaining rows.
    private var rows: ArraySlice<LeavingRow> = []
    /// The id up to which all rows are known.
    private var end = Int64.min

    /// - Parameter ids: of rows that are due, in ascending order.
    init?(_ store: some BatchStore, _ feed: RemovalFeed, _ ids: [Int64], now: Timestamp) throws(TTLStoreError) {
        guard let demand = feed.demand else { return nil }
        self.demand = demand
        // Read before the rows: a commit in between changes it.
        version = try store.withWriter("purge") { writer in try writer.fileVersion() }
        var (known, end, bytes) = ([LeavingRow](), Int64.min, 0)
        try store.read("purge") { reader in
            for begin in stride(from: 0, to: min(ids.count, demand.limit), by: EntrySQL.purgeWidth) {
                let some = ids[begin..<min(begin + EntrySQL.purgeWidth, ids.count)]
                let rows = try reader.leaving(
                    some, asLive: .expired, limit: some.count, bytes: Foresight.valueBytes - bytes,
                    withValues: demand.values, now: now)
                bytes += rows.reduce(0) { $0 + $1.entry.size }
                // The batch reads the rows that were passed over because of their size.
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

    /// Whether the rows are as in the writer's open transaction, and hold everything that the consumers want.
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
