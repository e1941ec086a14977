/// The tags of live entries, from the index of tags: each look finds the next tag after the one before.
struct TagListing {
    private let range: KeyRange
    private let limit: Int

    /// - Throws: `invalidArgument`.
    init(prefix: String, limit: Int) throws(TTLStoreError) {
        guard (1...EntryListing.maximumLimit).contains(limit) else {
            throw TTLStoreError(
                .invalidArgument, "the limit of tags is from 1 to \(EntryListing.maximumLimit)", in: "tags")
        }
        range = KeyRange(prefix: prefix)
        self.limit = limit
    }

    /// All as of one moment.
    func tags(_ reader: EntryReader, now: Timestamp) throws(SQLiteError) -> [String] {
        try reader.holdSnapshot()
        defer { reader.releaseSnapshot() }
        let first = try Statement(sql(lower: "tag >= ?1"), on: reader.connection)
        guard var tag = try next(first, from: range.lower, now: now) else { return [] }
        let following = try Statement(sql(lower: "tag > ?1"), on: reader.connection)
        var tags = [tag]
        while tags.count < limit, let next = try next(following, from: tag, now: now) {
            // A damaged index could go round in circles.
            guard tag.lexicographicallyPrecedes(next) else { throw .damagedIndex }
            tag = next
            tags.append(tag)
        }
        return tags.map { String(decoding: $0, as: UTF8.self) }
    }

    private func next(_ statement: Statement, from lower: [UInt8], now: Timestamp) throws(SQLiteError) -> [UInt8]? {
        try statement.bind(1, copying: lower)
        statement.bind(2, now)
        if let upper = range.upper { try statement.bind(3, copying: upper) }
        defer { statement.reset() }
        // A BLOB comes after all text. Only a file without its constraints can have such a tag.
        guard try statement.step(), statement.type(0) == .text else { return nil }
        return statement.withBytes(0) { Array($0) }
    }

    private func sql(lower: String) -> String {
        """
        SELECT tag FROM entries
        WHERE \(lower)\(range.upper == nil ? "" : " AND tag < ?3") AND \(LiveRule.live(now: "?2"))
        ORDER BY tag
        LIMIT 1
        """
    }
}

extension ReadOperation where Success == [String] {
    static func tags(prefix: String, limit: Int) throws(TTLStoreError) -> ReadOperation {
        let listing = try TagListing(prefix: prefix, limit: limit)
        return ReadOperation("tags") { reader, now in try listing.tags(reader, now: now) }
    }
}
