extension EntryWriter {
    /// Takes over the limits of a store that is being opened.
    ///
    /// The index of ages exists only in files that were opened with limits: others need not pay for it with each entry
    /// that never expires. A store without a thread counts its rows here and now.
    func adopt(_ configuration: TTLStore.Configuration, isInMemory: Bool) throws {
        let pageSize = Int(try connection.integer("PRAGMA page_size") ?? 4096)
        guard let limits = Limits(configuration, pageSize: pageSize) else { return }
        try connection.execute(
            "CREATE INDEX IF NOT EXISTS entries_by_age ON entries (updated_at) WHERE expires_at IS NULL")
        let isAlone = configuration.purging == .manual
        self.limits = try WriterLimits(limits, connection, dataVersion, isAlone: isAlone)
        if isAlone || isInMemory { try countRows() }
    }
}

extension Engine {
    /// As far as is known without a look at the file.
    var isOverLimit: Bool {
        guard let sizeGauge else { return false }
        return sizeGauge.limits.isExceeded(.limit, by: sizeGauge.size)
    }

    func pages() throws(TTLStoreError) -> FilePages {
        try read("pages") { reader in try FilePages(reader.connection) }
    }

    /// Counts the rows if others have written since it was last done, or nobody has counted yet. O(entries), without
    /// any lock that a writer waits for, except for a moment.
    func countRows(timeout: Milliseconds) throws(TTLStoreError) {
        guard let gauge = sizeGauge, gauge.limits.entries != nil else { return }
        let queue = try writingQueue("count")
        guard file.location != .memory else { return }
        var snapshot: (reader: EntryReader, version: Int64, before: Int, corrections: Int)?
        // With the turn held: what this store commits is either in the snapshot, or added to the count later on. The
        // reader is borrowed only then, and not waited for: those who wait for a reader or the turn have the
        // precedence.
        try queue.withTurn("count", deadline: .now + timeout) { (writer) throws(TTLStoreError) in
            do {
                guard try writer.areRowsOutdated(), let version = try writer.limits?.version() else { return }
                // An eviction goes by what is known where nobody can count.
                guard let reader = try readers.borrowIdle("count") else { return }
                do throws(SQLiteError) { try reader.holdSnapshot() } catch {
                    readers.giveBack(reader)
                    throw error
                }
                snapshot = (reader, version, gauge.rowsSoFar, gauge.corrections)
            } catch { throw TTLStoreError(any: error, in: "count") }
        }
        guard let snapshot else { return }
        defer {
            snapshot.reader.releaseSnapshot()
            readers.giveBack(snapshot.reader)
        }
        let count: Int
        do { count = try snapshot.reader.countRows() } catch { throw TTLStoreError(any: error, in: "count") }
        try queue.withTurn("count", deadline: .now + timeout) { (_) throws(TTLStoreError) in
            // A writer may have counted as well: the difference is not to be made up for twice.
            guard gauge.corrections == snapshot.corrections else { return }
            gauge.correct(counted: count, before: snapshot.before, version: snapshot.version)
        }
    }
}
