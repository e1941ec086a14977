/// A page of a listing, as a range of an index.
struct EntryListing {
    enum State {
        case live, expired
    }

    /// The most elements that a page may have.
    static let maximumLimit = 100_000

    private let scope: EntryScope
    private let limit: Int
    /// After how many bytes of values a page ends; it has at least one element.
    private let bytes: Int
    /// After which key the page begins; nil for the first key of the range.
    private let cursor: TTLStore.Cursor?
    private let state: State

    init(
        _ scope: EntryScope, limit: Int, bytes: Int = .max, after cursor: TTLStore.Cursor?, state: State,
        in operation: String
    ) throws(TTLStoreError) {
        guard (1...EntryListing.maximumLimit).contains(limit) else {
            throw TTLStoreError(.invalidArgument, "a page has 1 to \(EntryListing.maximumLimit) entries", in: operation)
        }
        self.scope = scope
        self.limit = limit
        self.bytes = bytes
        // The cursor of another listing may lie before the range.
        self.cursor = cursor.flatMap {
            $0.isText && $0.key.lexicographicallyPrecedes(scope.lower) ? nil : $0
        }
        self.state = state
    }

    /// - Parameter columns: the first is `key`.
    func page<Element>(
        _ reader: EntryReader, columns: String, now: Timestamp, size: (Element) -> Int = { _ in 0 },
        _ element: (Statement) -> Element
    ) throws(SQLiteError) -> TTLStore.Page<Element> {
        let statement = try Statement(sql(columns), on: reader.connection)
        try statement.bind(1, copying: cursor?.key ?? scope.lower, asText: cursor?.isText ?? true)
        statement.bind(2, now)
        try scope.bindRest(statement)
        // One more than asked for shows whether another page follows.
        statement.bind(4, Int64(limit) + 1)
        var elements: [Element] = []
        var bytesRead = 0
        var last: TTLStore.Cursor?
        var order = KeyOrder(after: cursor)
        while try statement.step() {
            guard order.advance(to: statement) else { throw .damagedIndex }
            if last != nil { return TTLStore.Page(elements: elements, next: last) }
            let element = element(statement)
            bytesRead += size(element)
            elements.append(element)
            if elements.count == limit || bytesRead >= bytes {
                last = TTLStore.Cursor(
                    key: statement.withBytes(0) { Array($0) }, isText: statement.type(0) == .text)
            }
        }
        return TTLStore.Page(elements: elements, next: nil)
    }

    private func sql(_ columns: String) -> String {
        """
        SELECT \(columns) FROM entries
        WHERE \(scope.sql(lower: cursor == nil ? "key >= ?1" : "key > ?1"))
            AND \(state == .live ? LiveRule.live(now: "?2") : LiveRule.expired(now: "?2"))
        ORDER BY key
        LIMIT ?4
        """
    }
}

/// Checks that keys come in ascending order, each once, from page to page: with a damaged index a listing could go on
/// for ever.
private struct KeyOrder {
    /// The latest key.
    private var key: [UInt8] = []
    private var isText = true
    private var isFirst: Bool

    init(after cursor: TTLStore.Cursor?) {
        isFirst = cursor == nil
        guard let cursor else { return }
        (key, isText) = (cursor.key, cursor.isText)
    }

    /// - Parameter row: its first column is the key.
    /// - Returns: false if it doesn't follow the latest one.
    mutating func advance(to row: Statement) -> Bool {
        let type = row.type(0)
        guard type == .text || type == .blob else { return false }
        let follows = row.withBytes(0) { next in
            defer {
                key.removeAll(keepingCapacity: true)
                key.append(contentsOf: next)
            }
            // Text comes before all BLOBs.
            if isFirst || isText != (type == .text) { return isFirst || isText }
            return key.lexicographicallyPrecedes(next)
        }
        (isFirst, isText) = (false, type == .text)
        return follows
    }
}
