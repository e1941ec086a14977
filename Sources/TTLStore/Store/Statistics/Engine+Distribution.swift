internal import CTTLSQLite

extension Engine {
    func distribution() throws(TTLStoreError) -> TTLStore.Distribution {
        let now = clock.now
        return try read("distribution") { reader in
            // Both scans see one state of the file.
            try reader.holdSnapshot()
            defer { reader.releaseSnapshot() }
            var distribution = TTLStore.Distribution()
            try reader.addExpiries(to: &distribution, now: now)
            let rows = try reader.addSizes(to: &distribution)
            let expiring = distribution.liveEntries + distribution.expiredEntries
            // Rows that the index of expiries does not list. A damaged index may list more rows than there are.
            distribution.permanentEntries = max(0, rows - expiring)
            return distribution
        }
    }
}

extension EntryReader {
    private static let timeBounds: [Milliseconds] = [60_000, 600_000, 3_600_000, 86_400_000, 604_800_000]
    private static let sizeBounds = [64, 256, 1 << 10, 4 << 10, 16 << 10, 64 << 10, 1 << 20]

    /// Reads the index of expiries alone: in a row with a large value, the expiry stands behind the value.
    fileprivate func addExpiries(to distribution: inout TTLStore.Distribution, now: Timestamp) throws(SQLiteError) {
        let range = try Statement(
            "SELECT count(*) FROM entries WHERE expires_at > ?1 AND expires_at <= ?2", on: connection)
        func count(after start: Timestamp, to end: Timestamp) throws(SQLiteError) -> Int {
            defer { range.reset() }
            range.bind(1, start)
            range.bind(2, end)
            return try range.step() ? range.count(0) : 0
        }
        distribution.expiredEntries = try count(after: .min, to: now)
        var start = now
        for bound in EntryReader.timeBounds {
            let (sum, overflow) = now.addingReportingOverflow(bound)
            let end = overflow ? .max : sum
            distribution.timesLeft.append(
                .init(upperBound: .milliseconds(bound), count: try count(after: start, to: end)))
            start = end
        }
        distribution.timesLeft.append(.init(upperBound: nil, count: try count(after: start, to: .max)))
    }

    /// - Returns: the number of rows.
    fileprivate func addSizes(to distribution: inout TTLStore.Distribution) throws(SQLiteError) -> Int {
        var counts = Array(repeating: 0, count: EntryReader.sizeBounds.count + 1)
        var first: Int64? = .min
        while let start = first {
            let statement = try Statement(
                "SELECT id, \(SummaryColumns.size) FROM entries WHERE id >= ?1 ORDER BY id", on: connection)
            statement.bind(1, start)
            do throws(SQLiteError) {
                while try statement.step() {
                    first = EntryReader.follower(of: statement.integer(0))
                    let size = statement.count(1)
                    distribution.totalSize += size
                    counts[EntryReader.sizeBounds.firstIndex { size <= $0 } ?? counts.count - 1] += 1
                }
                first = nil
            } catch {
                guard error.primaryCode == SQLITE_TOOBIG, let next = first, let id = try firstID(from: next) else {
                    throw error
                }
                counts[counts.count - 1] += 1
                first = EntryReader.follower(of: id)
            }
        }
        distribution.sizes = zip(EntryReader.sizeBounds.map { $0 } + [nil], counts).map {
            .init(upperBound: $0, count: $1)
        }
        return counts.reduce(0, +)
    }

    private func firstID(from start: Int64) throws(SQLiteError) -> Int64? {
        let statement = try Statement("SELECT id FROM entries WHERE id >= ?1 ORDER BY id LIMIT 1", on: connection)
        statement.bind(1, start)
        return try statement.step() ? statement.integer(0) : nil
    }

    private static func follower(of id: Int64) -> Int64? { id == .max ? nil : id + 1 }
}
