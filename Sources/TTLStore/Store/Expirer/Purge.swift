/// Deletes expired entries, in bounded batches.
///
/// The due rows are read ahead, without the write lock, and deleted in the order of the table: neighbours share pages,
/// so fewer pages are written. Each deletion repeats the rule of expiry. While the clock is out of range nothing is
/// deleted: a clock that shows the year 10000 would make every entry expired.
struct Purge {
    /// How many rows are read ahead at a time: 800 kB of numbers. They have expired one after the other, so small
    /// batches of them change few pages of the index of expiries.
    static let readAhead = 50_000
    /// The same for large batches, while nobody else writes: 8 MB. With all due rows each page of the table is changed
    /// once.
    private static let loneReadAhead = 500_000
    /// How many rows a closing store reads ahead: as many as it can delete in time. Also by the writing connection.
    private static let lastReadAhead = 4000
    /// A backlog of that many rows is worth a larger page cache, which is given back at its end.
    private static let largeBacklog = 2000

    struct Result: Equatable {
        /// When each of the deleted entries expired, as read ahead. An entry that was given a short time to live after
        /// it was read, and has expired again, counts with its first expiry.
        var expiries: [Timestamp] = []
        /// When the entries had left the file.
        var endedAt: Timestamp = 0
        /// The earliest remaining expiry in the file.
        var nextExpiry: Timestamp?
        /// Whether entries are left that were due when the file was last read.
        var isBacklog = false
        var pages = FilePages()
        /// Whether nobody else has written lately.
        var isAlone = false
        /// Whether the log may grow long before it is copied.
        var mayLogGrow = false
        /// How long the write lock was held, in milliseconds, rounded up.
        var held: Milliseconds = 0
        /// For how long others have the lock afterwards, if there is more to do.
        var pause: Milliseconds = 0
        /// Whether a new contradiction between the index of expiries and the table was found. Its wrong rows were
        /// passed over.
        var foundDamage = false
        /// How much longer another process may work on the backlog; if set, nothing was done.
        var leftToAnother: Milliseconds?

        var count: Int { expiries.count }
    }

    var batch: TimedBatch
    private let clock: WallClock
    /// Held as long as a backlog lasts; nil for a purge by hand, which shares the work with no process.
    private let claim: WorkClaim?
    private let isLast: Bool
    private var holdsClaim = false
    private var due: ArraySlice<DueRow> = []
    private var doubt = IndexDoubt()
    /// Whether a look ahead has found damage that no result has reported yet.
    private var hasFoundDamage = false
    /// Nil if no rows were read ahead, or there is no consumer of removals.
    private(set) var foresight: Foresight?
    /// When the rows were read.
    private var readAt = Timestamp.max
    private var hasLargeCache = false
    /// How many rows the last two batches have deleted. Large and small ones take turns, since a long commit leaves
    /// less time to the next batch.
    private var lastCounts = (0, 0)

    init(clock: WallClock, claim: WorkClaim? = nil, isLast: Bool = false) {
        self.clock = clock
        self.claim = claim
        self.isLast = isLast
        batch = TimedBatch(pace: isLast ? BatchPace(fixed: TimedBatch.lastBudget) : BatchPace())
    }

    /// Deletes due rows, for as long as `BatchPace` allows. Takes no write lock if there are none.
    mutating func runBatch(_ store: some BatchStore) throws(TTLStoreError) -> Result {
        if due.isEmpty {
            let result = try lookAhead(store)
            hasFoundDamage = hasFoundDamage || result.foundDamage
            if result.leftToAnother != nil || (due.isEmpty && !holdsClaim && !hasLargeCache) {
                return telling(result)
            }
        }
        // Changes a copy, so that a failed transaction leaves the plan as it was.
        var purge = self
        var batch = batch
        var result = try batch.run("purge", in: store) { writer, slot in try purge.delete(writer, &slot) }
        purge.batch = batch
        purge.lastCounts = (lastCounts.1, result.count)
        result.isAlone = batch.pace.isAlone
        result.mayLogGrow = batch.pace.mayLogGrow
        result.held = batch.held
        result.pause = batch.pause
        result.endedAt = clock.now
        self = purge
        return telling(result)
    }

    private mutating func telling(_ result: Result) -> Result {
        var result = result
        result.foundDamage = hasFoundDamage
        hasFoundDamage = false
        return result
    }

    /// Reads the rows of the next batch, if there is a consumer of removals. It takes no write lock; between two
    /// batches others have that anyway.
    mutating func foresee(_ store: some BatchStore, _ feed: RemovalFeed) throws(TTLStoreError) {
        foresight = nil
        // The next batch may be a little larger than the last two.
        let count = max(lastCounts.0, lastCounts.1)
        let ids = due.prefix(count + count / 4 + EntrySQL.purgeWidth).map(\.id)
        foresight = try Foresight(store, feed, ids, now: clock.now)
    }

    /// Reads which rows are due, unless another process already deletes them.
    mutating func lookAhead(_ store: some BatchStore) throws(TTLStoreError) -> Result {
        let now = try clock.storableNow(in: "purge")
        let (claim, holdsClaim) = (claim, holdsClaim)
        let isAlone = try store.withWriter("purge") { _ in batch.pace.isAlone(in: store.sight) }
        let readAhead = isAlone ? Purge.loneReadAhead : Purge.readAhead
        var result = Result()
        // Changes a copy, so that a failed read leaves the plan as it was.
        var doubt = doubt
        let isLast = isLast
        let rows = try store.read("purge") { reader in
            if let claim, !holdsClaim {
                result.leftToAnother = try claim.heldByAnother(reader.connection, now: now)
            }
            var rows: [DueRow] = []
            result.nextExpiry = try reader.nextExpiry(passingOver: doubt.misnamed)
            if result.leftToAnother == nil, let next = result.nextExpiry, next <= now {
                // Nobody else can use the writing connection meanwhile.
                let limit = isLast || reader.isWriters ? Purge.lastReadAhead : readAhead
                (rows, result.foundDamage) = try doubt.due(reader, now: now, limit: limit)
                if result.foundDamage { result.nextExpiry = try reader.nextExpiry(passingOver: doubt.misnamed) }
            }
            result.pages = try FilePages(reader.connection)
            return rows
        }
        self.doubt = doubt
        due = rows.sorted { $0.id < $1.id }[...]
        foresight = nil
        readAt = now
        return result
    }

    private mutating func delete(_ writer: EntryWriter, _ slot: inout TimedBatch.Slot) throws -> Result {
        var result = Result()
        let now = try clock.storableNow(in: "purge")
        let connection = writer.connection
        // Again, under the write lock: processes that looked ahead at the same time have all seen the claim free.
        if let claim, let rest = try claim.heldByAnother(connection, now: now) {
            due = []
            holdsClaim = false
            try useCache(large: false, connection)
            result.leftToAnother = rest
            return result
        }
        if due.count >= Purge.largeBacklog { try useCache(large: true, connection) }
        if try foresight?.holds(for: writer) == false { foresight = nil }
        repeat {
            try slot.statement { (width) throws(SQLiteError) in try deleteNext(width, writer, now: now, &result) }
        } while !due.isEmpty && slot.mayGoOn()
        result.nextExpiry = try writer.reader.nextExpiry(passingOver: doubt.misnamed)
        result.pages = try FilePages(connection)
        result.isBacklog = result.nextExpiry.map { $0 <= min(now, readAt) } ?? false
        if !result.isBacklog {
            foresight = nil
            try useCache(large: false, connection)
        }
        if let claim, result.isBacklog || holdsClaim {
            if result.isBacklog { try claim.acquire(connection, now: now) } else { try claim.release(connection) }
            holdsClaim = result.isBacklog
        }
        return result
    }

    private mutating func deleteNext(
        _ width: Int, _ writer: EntryWriter, now: Timestamp, _ result: inout Result
    ) throws(SQLiteError) {
        let rows = due.prefix(width)
        let foreseen = rows.last.flatMap { foresight?.take(through: $0.id) }
        let deleted = try writer.purge(rows: rows, foreseen: foreseen, now: now)
        doubt.note(rows, deleted: deleted, now: now)
        result.expiries += deleted.map(\.expiresAt)
        due = due.dropFirst(width)
    }

    private mutating func useCache(large: Bool, _ connection: Connection) throws(SQLiteError) {
        guard hasLargeCache != large else { return }
        hasLargeCache = large
        try connection.execute("PRAGMA cache_size = \(large ? StoreFile.largeCacheSize : StoreFile.cacheSize)")
    }
}
