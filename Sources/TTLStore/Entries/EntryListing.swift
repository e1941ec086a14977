/// A page of a listing, as a range of the key's index.
struct EntryListing {
    enum State {
        case live, expired
    }

    /// The most elements that a page may have.
    static let maximumLimit = 100_000

    private let range: KeyRange
    private let limit: Int
    /// Where the page begins: after the cursor's key, or with the first key of the range.
    private let start: (bytes: [UInt8], isCursor: Bool)
    private let state: State

    init(
        prefix: String, limit: Int, after cursor: TTLStore.Cursor?, state: State, in operation: String
    ) throws(TTLStoreError) {
        guard (1...EntryListing.maximumLimit).contains(limit) else {
            throw TTLStoreError(.invalidArgument, "a page has 1 to \(EntryListing.maximumLimit) entries", in: operation)
        }
        let range = KeyRange(prefix: prefix)
        self.range = range
        self.limit = limit
        // The cursor of another listing may lie before the range.
        if let cursor, !cursor.key.lexicographicallyPrecedes(range.lower) {
            start = (cursor.key, true)
        } else {
            start = (range.lower, false)
        }
        self.state = state
    }

    /// - Parameter columns: of which the first is `key`.
    func page<Element>(
        _ reader: EntryReader, columns: String, now: Timestamp, _ element: (Statement) -> Element
    ) throws(SQLiteError) -> TTLStore.Page<Element> {
        let statement = try Statement(sql(columns), on: reader.connection)
        try statement.bind(1, copying: start.bytes)
        statement.bind(2, now)
        if let upper = range.upper { try statement.bind(3, copying: upper) }
        // One more than asked for shows whether another page follows.
        statement.bind(4, Int64(limit) + 1)
        var elements: [Element] = []
        var last: [UInt8] = []
        while try statement.step() {
            if elements.count == limit { return TTLStore.Page(elements: elements, next: TTLStore.Cursor(key: last)) }
            elements.append(element(statement))
            if elements.count == limit { last = statement.withBytes(0) { Array($0) } }
        }
        return TTLStore.Page(elements: elements, next: nil)
    }

    private func sql(_ columns: String) -> String {
        """
        SELECT \(columns) FROM entries
        WHERE key \(start.isCursor ? ">" : ">=") ?1
            \(range.upper == nil ? "" : "AND key < ?3")
            AND \(state == .live ? LiveRule.live(now: "?2") : LiveRule.expired(now: "?2"))
        ORDER BY key
        LIMIT ?4
        """
    }
}

extension KeyRange {
    /// As a condition on `key`, with `?1` and, if the range has an end, `?3`.
    fileprivate var sql: String { upper == nil ? "key >= ?1" : "key >= ?1 AND key < ?3" }

    fileprivate func bind(_ statement: Statement) throws(SQLiteError) {
        try statement.bind(1, copying: lower)
        if let upper { try statement.bind(3, copying: upper) }
    }
}

extension EntryReader {
    func count(_ range: KeyRange, now: Timestamp) throws(SQLiteError) -> Int {
        let statement = try Statement(
            "SELECT count(*) FROM entries WHERE \(range.sql) AND \(LiveRule.live(now: "?2"))", on: connection)
        try range.bind(statement)
        statement.bind(2, now)
        return try statement.step() ? Int(statement.integer(0)) : 0
    }
}

extension EntryWriter {
    /// Removes the live entries of a range, and says how many there were. Expired ones are left to the expirer.
    func removeAll(_ range: KeyRange) throws(SQLiteError) -> Int {
        let statement = try Statement(
            "DELETE FROM entries WHERE \(range.sql) AND \(LiveRule.live(now: "?2"))", on: connection)
        try range.bind(statement)
        statement.bind(2, clock.now)
        try statement.run()
        return connection.changes
    }
}
