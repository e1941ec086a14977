import Synchronization

/// The rows that were read last, so that a read of an unchanged file needs no SQLite.
///
/// The rule and the argument are in <doc:ReadsFromMemory>. Any number of threads look up at the same time: the keys are
/// spread over shards, each with a lock, and the label is compared without one. A look-up compares while it holds the
/// lock of its shard, so that `close()` can wait for it before the mapping of the wal-index goes.
final class ReadMemory: @unchecked Sendable {
    // Sendable: the constants never change; the lock of each shard guards its variables.

    /// A part of the rows, with a lock of its own.
    struct Shard: ~Copyable {
        var table: MemoryTable
        var isClosed = false
        /// Look-ups that were answered with a live row, and with none.
        var (hits, misses) = (0, 0)
        /// Makes it 128 bytes long: two pairs of cache lines for two shards.
        private let padding = (0, 0, 0, 0, 0, 0, 0)

        init(limit: Int) { table = MemoryTable(limit: limit) }
    }

    /// What is known of a key.
    enum Answer<Found> {
        case found(Found)
        case absent
        /// The file has to be read.
        case unknown(Gap?)
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
    /// Memory of its own, and not an array of objects: a look-up then counts no reference that all threads share.
    private let shards: UnsafeMutableBufferPointer<Shard>
    /// Of the shards, and apart from them: a thread finds the lock while another one changes the shard.
    private let locks: UnsafeMutableBufferPointer<Lock>
    private let gauge: LogGauge?
    private let watch: FileWatch?
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
    ///   - watch: of the file.
    /// - Returns: nil where there is no wal-index, or the size is 0.
    init?(size: Int, _ connection: Connection, _ gauge: LogGauge?, _ watch: FileWatch?) {
        guard size > 0, let index = LogIndex(connection) else { return nil }
        label = MemoryLabel(index)
        self.gauge = gauge
        self.watch = watch
        var count = 1
        while count < 16, size / (2 * count) >= ReadMemory.smallestShard { count *= 2 }
        let stride = MemoryLayout<Shard>.stride
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: count * stride, alignment: 128)
        shards = memory.bindMemory(to: Shard.self)
        locks = .allocate(capacity: count)
        for place in shards.indices {
            shards.initializeElement(at: place, to: Shard(limit: size / count))
            locks.initializeElement(at: place, to: Lock())
        }
    }

    deinit {
        locks.deinitialize()
        locks.deallocate()
        shards.deinitialize()
        UnsafeMutableRawBufferPointer(shards).deallocate()
    }

    private func place(_ hash: Int) -> Int { hash & (shards.count - 1) }

    // MARK: Reading

    /// Whether log or index are known to be gone. As `StoreFile.checkLog`, of which a look-up would copy the whole
    /// value.
    var isLogLost: Bool { watch?.isLogLost ?? false }

    /// - Parameter now: the clock as it was when the look-up began.
    func look<Found>(
        _ key: Key, now: Timestamp, for read: KeyedRead<Found>
    ) -> Result<Answer<Found>, TTLStoreError> {
        let hash = HashedKey.hash(key)
        let place = place(hash)
        locks[place].lock()
        defer { locks[place].unlock() }
        let stamp = shards[place].isClosed ? nil : label.stamp()
        guard let row = shards[place].table.unretained(key.text, hash) else {
            return .success(.unknown(gap(HashedKey(key, hash: hash), &shards[place], stamp, nil)))
        }
        return row._withUnsafeGuaranteedRef { row -> Result<Answer<Found>, TTLStoreError> in
            guard let stamp, row.epoch == stamp.epoch, mayStand(row), read.answers?(row, now) ?? true else {
                return .success(.unknown(gap(HashedKey(key, hash: hash), &shards[place], stamp, row)))
            }
            if !row.isRecalled { row.isRecalled = true }
            guard row.isLive(at: now) else {
                shards[place].misses += 1
                return .success(.absent)
            }
            shards[place].hits += 1
            do throws(TTLStoreError) { return .success(try read.recall(row, now).map { .found($0) } ?? .absent) } catch
            {
                return .failure(error)
            }
        }
    }

    /// - Parameter shard: whose lock is held.
    private func gap(
        _ key: HashedKey, _ shard: inout Shard, _ stamp: MemoryLabel.Stamp?, _ old: Remembered?
    ) -> Gap {
        let isAdmitted = !shard.isClosed && (old != nil || shard.table.admits(key))
        return Gap(key: key, stamp: stamp, old: old, isAdmitted: isAdmitted)
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
        withShard(of: read.key) { shard in
            // A commit of the store's own changes the sequence before it takes out its keys, with this lock.
            guard !shard.isClosed, label.isCurrent(stamp) else { return }
            read.epoch = stamp.epoch
            if shard.table[read.key] === read { read.isRecalled = true } else { shard.table.insert(read) }
        }
    }

    /// Holds the lock of the shard meanwhile.
    func withShard<Result, Failure: Error>(
        of key: HashedKey, _ body: (inout Shard) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let place = place(key.hash)
        return try locks[place].withLock { () throws(Failure) in try body(&shards[place]) }
    }

    /// Keeps what was made of the value of a row.
    func keep<Content: Sendable>(_ content: Content, for row: Remembered) {
        withShard(of: row.key) { $0.table.keep(content, in: row) }
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
                withShard(of: key) { $0.table.remove(key) }
            }
            return !changed.areMore
        }
    }

    // MARK: Figures, room and closing

    /// Look-ups that were answered, rows, and bytes.
    var figures: (hits: Int, misses: Int, rows: Int, size: Int) {
        shards.indices.reduce(into: (0, 0, 0, 0)) { sum, place in
            locks[place].withLock {
                sum.0 += shards[place].hits
                sum.1 += shards[place].misses
                sum.2 += shards[place].table.count
                sum.3 += shards[place].table.size
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
        for place in shards.indices { locks[place].withLock { shards[place].table.removeAll() } }
    }

    /// Waits for the look-ups that are running. No later one touches the wal-index.
    func close() {
        for place in shards.indices {
            locks[place].withLock {
                shards[place].isClosed = true
                shards[place].table.removeAll()
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
