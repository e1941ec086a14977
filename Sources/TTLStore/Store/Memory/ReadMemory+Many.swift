/// Reads of several keys as of one moment.
extension ReadMemory {
    /// Answers all keys, or none.
    ///
    /// Each row is compared as by the look-up of one key. All comparisons have the same stamp, so nothing has changed
    /// from the first to the last, and the rows are those of the last one's moment.
    /// - Parameter now: the clock as it was when the look-up began.
    /// - Returns: the live rows, nil for absent ones; nil where the file has to be read.
    func look(_ keys: [Key], now: Timestamp) -> [Remembered?]? {
        var rows: [Remembered?] = []
        var first: MemoryLabel.Stamp?
        for key in keys {
            let key = HashedKey(key)
            let found = withShard(of: key) { shard -> Remembered? in
                guard !shard.isClosed, let stamp = label.stamp(), stamp == first ?? stamp,
                    let found = shard.table[key], found.epoch == stamp.epoch, mayStand(found)
                else { return nil }
                first = stamp
                if !found.isRecalled { found.isRecalled = true }
                return found
            }
            guard let found else { return nil }
            rows.append(found.isLive(at: now) ? found : nil)
        }
        count(rows, keys)
        return rows
    }

    /// Counts the answers, in the shard of the first key.
    private func count(_ rows: [Remembered?], _ keys: [Key]) {
        guard let first = keys.first else { return }
        let misses = rows.count { $0 == nil }
        withShard(of: HashedKey(first)) { shard in
            shard.hits += rows.count - misses
            shard.misses += misses
        }
    }

    /// Reads the values on a connection without an open transaction, and remembers their rows.
    /// - Returns: nil where nothing can be remembered, and nothing was read.
    func fill(_ keys: [Key], _ reader: EntryReader, now: Timestamp) throws -> [Value?]? {
        // Before the snapshot: whatever it shows is of this state or of a later one.
        guard let stamp = label.renewedStamp() else { return nil }
        var read: [Remembered] = []
        let values = try reader.inOneSnapshot {
            try keys.map { key throws(SQLiteError) -> Value? in
                guard let (hashed, old) = place(of: key), let row = try reader.remember(hashed, key, instead: old)
                else { return try reader.value(key, now: now) }
                read.append(row)
                return row.isLive(at: now) ? row.value : nil
            }
        }
        for row in read { insert(row, stamp) }
        return values
    }

    /// The key and what was known of it; nil if it is not to be let in.
    private func place(of key: Key) -> (key: HashedKey, old: Remembered?)? {
        let key = HashedKey(key)
        return withShard(of: key) { shard in
            if let old = shard.table[key] { return (key, old) }
            return shard.table.admits(key) ? (key, nil) : nil
        }
    }
}
