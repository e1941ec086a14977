/// Which entries a listing, a count or a removal is about: a range of one index.
enum EntryScope: Sendable {
    /// Entries whose key begins with a prefix; the index of keys serves it.
    case prefix(KeyRange)
    /// Entries with a tag; the index of tags serves it, which holds the keys as well.
    case tag(Key)

    /// - Throws: `invalidTag`.
    init(_ selection: TTLStore.Selection, in operation: String) throws(TTLStoreError) {
        switch selection {
        case .all: self = .prefix(KeyRange(prefix: ""))
        case .prefix(let prefix): self = .prefix(KeyRange(prefix: prefix))
        case .tag(let tag): self = .tag(try Key(tag, as: .tag, in: operation))
        }
    }

    /// The condition without the rule of expiry.
    /// - Parameter lower: the comparison with `?1`, the least key.
    func sql(lower: String = "key >= ?1") -> String {
        switch self {
        case .prefix(let range): range.upper == nil ? lower : "\(lower) AND key < ?3"
        case .tag: "tag = ?5 AND \(lower)"
        }
    }

    /// The first key that may belong to the scope.
    var lower: [UInt8] {
        switch self {
        case .prefix(let range): range.lower
        case .tag: []
        }
    }

    /// Binds all parameters of `sql` but the first.
    func bindRest(_ statement: Statement) throws(SQLiteError) {
        switch self {
        case .prefix(let range): if let upper = range.upper { try statement.bind(3, copying: upper) }
        case .tag(let tag): try statement.bind(5, tag)
        }
    }

    func bind(_ statement: Statement) throws(SQLiteError) {
        try statement.bind(1, copying: lower)
        try bindRest(statement)
    }
}

extension EntryReader {
    func count(_ scope: EntryScope, now: Timestamp) throws(SQLiteError) -> Int {
        let statement = try Statement(
            "SELECT count(*) FROM entries WHERE \(scope.sql()) AND \(LiveRule.live(now: "?2"))", on: connection)
        try scope.bind(statement)
        statement.bind(2, now)
        return try statement.step() ? statement.count(0) : 0
    }
}

extension EntryWriter {
    /// Removes the live entries, and returns how many there were. The expirer deletes the expired ones.
    func removeAll(_ scope: EntryScope, now: Timestamp) throws(SQLiteError) -> Int {
        let leaving = try leaving(scope, now: now)
        let statement = try Statement(
            "DELETE FROM entries WHERE \(scope.sql()) AND \(LiveRule.live(now: "?2"))", on: connection)
        try scope.bind(statement)
        noteChangeOfAll()
        statement.bind(2, now)
        try statement.run()
        let count = connection.changes
        noteRemovals(count)
        if let leaving { removals.add(leaving, of: count) }
        return count
    }
}
