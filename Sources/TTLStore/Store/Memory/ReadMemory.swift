import Synchronization

/// The rows that were read last, so that a read of an unchanged file needs no SQLite.
///
/// The rule and the argument are in <doc:ReadsFromMemory>. Any number of threads look up at the same time: the keys are
/// spread over shards, each with a lock, and the label is compared without one. A look-up compares while it holds the
/// lock of its shard, so that `close()` can wait for it before the mapping of the wal-index goes.
final class ReadMemory: @unchecked Sendable {
    // Sendable: the constants never change; each shard guards its table.

    final class Shard: @unchecked Sendable {
        // Sendable: the lock guards the variables.
        let lock = Lock()
        var table: MemoryTable
        var isClosed = false
        /// Look-ups that were answered with a live row, and with none.
        var (hits, misses) = (0, 0)

        init(limit: Int) { table = MemoryTable(limit: limit) }
    }

    /// What is known of a key.
    enum Answer {
        case live(Remembered)
        case absent
        /// The file has to be read.
        case unknown(Gap)
    }

    /// A look-up that memory could not answer, with all that is needed to fill it.
    struct Gap {
        fileprivate let key: HashedKey
        /// Nil where the label has to be renewed first.
        fileprivate let stamp: MemoryLabel.Stamp?
        /// What was known of the key before a commit of another process.
        fileprivate let old: Remembered?
        fileprivate let isAdmitted: Bool
    }

    /// Below that many bytes for each, fewer shards.
    private static let smallestShard = 256 << 10

    let label: MemoryLabel
    private let shards: [Shard]
    private let gauge: LogGauge?
    /// Rows that had expired by then may have been deleted. A clock that is set back would bring them back to life.
    private let purgedUntil = Atomic<Timestamp>(.min)
    /// The look-ups at the last call of `releaseIfIdle`, and the first call that has found as many, in nanoseconds.
    private let lookUpsBefore = Atomic<Int>(0)
    private let idleSince = Atomic<Int64>(.max)
    /// For how long nothing must be looked up until the memory is given back.
    private static let idleTime: Milliseconds = 60_000

    /// - Parameters:
    ///   - size: in bytes.
    ///   - gauge: of the writing connection; nil in a store that only reads.
    /// - Returns: nil where there is no wal-index, or the size is 0.
    init?(size: Int, _ connection: Connection, _ gauge: LogGauge?) {
        guard size > 0, let index = LogIndex(connection) else { return nil }
        label = MemoryLabel(index)
        self.gauge = gauge
        var count = 1
        while count < 16, size / (2 * count) >= ReadMemory.smallestShard { count *= 2 }
        shards = (0..<count).map { _ in Shard(limit: size / count) }
    }

    func shard(_ key: HashedKey) -> Shard { shards[key.hash & (shards.count - 1)] }

    // MARK: Reading

    /// - Parameters:
    ///   - now: the clock as it was when the look-up began.
    ///   - answers: which rows answer; without it, each does, and so does an absent one.
    func look(_ key: Key, now: Timestamp, if answers: ((Remembered, Timestamp) -> Bool)? = nil) -> Answer {
        let key = HashedKey(key)
        let shard = shard(key)
        shard.lock.lock()
        defer { shard.lock.unlock() }
        guard !shard.isClosed else { return .unknown(Gap(key: key, stamp: nil, old: nil, isAdmitted: false)) }
        let stamp = label.stamp()
        guard let found = shard.table[key] else {
            return .unknown(Gap(key: key, stamp: stamp, old: nil, isAdmitted: shard.table.admits(key)))
        }
        guard let stamp, found.epoch == stamp.epoch, mayStand(found), answers?(found, now) ?? true else {
            return .unknown(Gap(key: key, stamp: stamp, old: found, isAdmitted: true))
        }
        found.isRecalled = true
        guard found.isLive(at: now) else {
            shard.misses += 1
            return .absent
        }
        shard.hits += 1
        return .live(found)
    }

    func mayStand(_ found: Remembered) -> Bool {
        guard let expiresAt = found.expiresAt else { return true }
        return purgedUntil.load(ordering: .acquiring) < expiresAt
    }

    /// Reads the row of a gap on a connection without an open transaction, and remembers it.
    /// - Returns: the row; nil where it is not to be remembered, and was not read.
    func fill(_ gap: Gap, _ reader: EntryReader, _ key: Key) throws(SQLiteError) -> Remembered? {
        // Before the SELECT: whatever it reads is of this state or of a later one.
        guard gap.isAdmitted, let stamp = gap.stamp ?? label.renewedStamp() else { return nil }
        guard let read = try reader.remember(gap.key, key, instead: gap.old) else { return nil }
        insert(read, stamp)
        return read
    }

    /// - Parameter stamp: of a moment before the row was read.
    func insert(_ read: Remembered, _ stamp: MemoryLabel.Stamp) {
        let shard = shard(read.key)
        shard.lock.withLock {
            // A commit of the store's own changes the sequence before it takes out its keys, with this lock.
            guard !shard.isClosed, label.isCurrent(stamp) else { return }
            read.epoch = stamp.epoch
            if shard.table[read.key] === read { read.isRecalled = true } else { shard.table.insert(read) }
        }
    }

    // MARK: What was made of a value

    func content<Content: Sendable>(of row: Remembered, as type: Content.Type) -> Content? {
        shard(row.key).lock.withLock { row.content(as: type) }
    }

    func keep<Content: Sendable>(_ content: Content, for row: Remembered) {
        let shard = shard(row.key)
        shard.lock.withLock { shard.table.keep(content, in: row) }
    }

    // MARK: Commits of the store's own

    /// Called with the write lock of the file, right before the COMMIT.
    func beginCommit() { label.beginCommit() }

    /// Called after the COMMIT or its failure, before anybody learns of it.
    func endCommit(_ changed: ChangedKeys) {
        label.endCommit(length: gauge?.frames ?? 0) {
            if let purged = changed.purgedUntil, purged > purgedUntil.load(ordering: .relaxed) {
                purgedUntil.store(purged, ordering: .releasing)
            }
            for key in changed.keys {
                let key = HashedKey(key)
                let shard = shard(key)
                shard.lock.withLock { shard.table.remove(key) }
            }
            return !changed.areMore
        }
    }

    // MARK: Figures, room and closing

    /// Look-ups that were answered, rows, and bytes.
    var figures: (hits: Int, misses: Int, rows: Int, size: Int) {
        shards.reduce(into: (0, 0, 0, 0)) { sum, shard in
            shard.lock.withLock {
                sum.0 += shard.hits
                sum.1 += shard.misses
                sum.2 += shard.table.count
                sum.3 += shard.table.size
            }
        }
    }

    /// Whether the log has a commit, without which nothing is remembered.
    var hasLog: Bool { label.hasCommit }

    /// Forgets everything if memory has answered nothing for a minute. Called now and then, by one thread.
    func releaseIfIdle(at now: MonotonicTime) {
        let figures = figures
        let lookUps = figures.hits + figures.misses
        guard lookUpsBefore.exchange(lookUps, ordering: .relaxed) == lookUps else {
            return idleSince.store(now.nanoseconds, ordering: .relaxed)
        }
        let since = MonotonicTime(nanoseconds: idleSince.load(ordering: .relaxed))
        guard since.nanoseconds < .max, now >= since + ReadMemory.idleTime else { return }
        for shard in shards { shard.lock.withLock { shard.table.removeAll() } }
    }

    /// Waits for the look-ups that are running. No later one touches the wal-index.
    func close() {
        for shard in shards {
            shard.lock.withLock {
                shard.isClosed = true
                shard.table.removeAll()
            }
        }
        label.close()
    }
}

extension EntryReader {
    /// The row of a key, live or expired, and whether there is one.
    /// - Parameter old: returned without a copy of its value, if the row is still the same.
    /// - Returns: nil for a row that only SQLite can judge.
    func remember(
        _ hashed: HashedKey, _ key: Key, instead old: Remembered?
    ) throws(SQLiteError) -> Remembered? {
        let row = try readRow(.row, key, now: nil) { row -> Remembered? in
            // The rule compares integers; text that got past the schema's constraints sorts after all of them.
            guard [.integer, .null].contains(row.type(2)) else { return nil }
            if let old, old.isUnchanged(in: row) { return old }
            return Remembered(hashed, row)
        }
        guard let row else { return old.flatMap { $0.value == nil ? $0 : nil } ?? Remembered(hashed) }
        return row
    }
}
