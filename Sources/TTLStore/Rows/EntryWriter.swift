/// Changes entries on the store's writing connection, inside a transaction that the commit queue has opened.
///
/// Each method is one statement, or a sequence that reads before it writes, so that an error leaves nothing half done.
/// Batches are the exception: an error rolls their transaction back. `now` is the one time of the operation.
final class EntryWriter {
    let connection: Connection
    let reader: EntryReader
    let clock: WallClock
    let statements: StatementSet<EntrySQL>
    let dataVersion: DataVersion
    private let activity: ActivityCounters
    private let defaultTimeToLive: Duration?

    /// What the open transaction has changed.
    var changes = TransactionChanges()
    var counts: WriteCounts {
        get { changes.counts }
        _modify { yield &changes.counts }
    }
    /// The entries that have left the store in the open transaction.
    let removals: PendingRemovals
    /// Nil for a store of any size.
    var limits: WriterLimits?
    /// Nil where writers take no share in deleting a backlog.
    var backlogShare: BacklogShare?
    /// Whether `changes` lists the keys, for a memory of reads.
    var listsKeys = false
    /// How many transactions were committed.
    private var commits = 0

    init(
        _ connection: Connection, clock: WallClock, defaultTimeToLive: Duration?, activity: ActivityCounters,
        removals: RemovalFeed
    ) throws(SQLiteError) {
        self.connection = connection
        self.clock = clock
        self.defaultTimeToLive = defaultTimeToLive
        self.activity = activity
        self.removals = PendingRemovals(removals)
        reader = EntryReader(connection, activity: activity, isWriters: true)
        statements = StatementSet(connection)
        dataVersion = try DataVersion(connection)
    }

    /// Identifies the latest commit of any process: as long as it stays equal, the content of the file does.
    func fileVersion() throws(SQLiteError) -> FileVersion {
        FileVersion(ofOthers: try dataVersion.read(), commits: commits)
    }

    var feed: RemovalFeed { removals.feed }

    /// Called after a commit.
    func takeChanges() -> TransactionChanges {
        commits += 1
        limits?.committed(counts.rows)
        changes.removals = removals.take()
        defer { changes = TransactionChanges() }
        return changes
    }

    /// Called after a rollback.
    func forgetChanges() {
        changes = TransactionChanges()
        removals.forget()
    }

    // MARK: Setting

    func set(_ item: NewEntry, when condition: SetCondition, now: Timestamp, in operation: String) throws -> SetOutcome
    {
        let expiresAt = try resolve(item.expiry, now: now, in: operation)
        let revision = condition.revision
        guard case .passed = expiresAt else {
            let sql = EntrySQL(setting: condition, keepingExpiry: expiresAt.keeps)
            let written = try run(
                sql, item.key, now, expiresAt: expiresAt.timestamp, value: item.value, tag: item.tag,
                revision: revision)
            if written { note(expiresAt.timestamp) }
            return written ? .stored : .conditionNotMet
        }
        switch condition {
        case .always:
            _ = try run(.remove, item.key, now)
            return .alreadyExpired
        case .ifAbsent:
            return try reader.isLive(item.key, now: now) ? .conditionNotMet : .alreadyExpired
        case .ifPresent:
            return try run(.remove, item.key, now) ? .alreadyExpired : .conditionNotMet
        case .ifUnchanged:
            return try run(.removeIfUnchanged, item.key, now, revision: revision) ? .alreadyExpired : .conditionNotMet
        }
    }

    func exchange(_ item: NewEntry, when condition: SetCondition, now: Timestamp) throws -> ExchangeOutcome {
        let previous = try reader.value(item.key, now: now)
        return ExchangeOutcome(
            outcome: try set(item, when: condition, now: now, in: "exchange"), previous: previous)
    }

    /// Stores all items, or none if `.ifAllAbsent` does not hold. Of entries with the same key the last one counts.
    /// - Returns: false if the condition did not hold.
    func setAll(_ items: [NewEntry], when condition: BatchCondition, now: Timestamp) throws -> Bool {
        // Checked before the first write: a transaction whose closure goes on after the error finds nothing changed.
        for item in items { _ = try resolve(item.expiry, now: now, in: "setAll") }
        if condition == .ifAllAbsent {
            for item in items where try reader.isLive(item.key, now: now) { return false }
        }
        for item in EntryWriter.lastOfEachKey(items) { _ = try set(item, when: .always, now: now, in: "setAll") }
        return true
    }

    private static func lastOfEachKey(_ items: [NewEntry]) -> [NewEntry] {
        // Compared by bytes, as in the file.
        var seen = Set<[UInt8]>(minimumCapacity: items.count)
        let last = items.reversed().filter { seen.insert(Array($0.key.text.utf8)).inserted }
        return last.count == items.count ? items : last.reversed()
    }

    /// Writes the value of a live entry, and keeps its expiry and its tag; or makes a new one.
    func replaceValue(_ item: NewEntry, isLive: Bool, now: Timestamp, in operation: String) throws {
        guard isLive else {
            _ = try set(item, when: .always, now: now, in: operation)
            return
        }
        // Throws the errors of a new entry.
        _ = try resolve(item.expiry, now: now, in: operation)
        _ = try run(.replaceValue, item.key, now, value: item.value)
    }

    /// Adds to the integer of a live entry, or starts with `amount`.
    func increment(_ item: NewEntry, by amount: Int64, now: Timestamp, in operation: String) throws -> Int64 {
        try TimeConversion.checkStorable(now, in: operation)
        var sum = amount
        let current = try reader.value(item.key, now: now)
        if let current {
            guard case .integer(let number) = current else {
                throw TTLStoreError(
                    .wrongKind, "the stored value is \(current.kind.rawValue), not an integer", in: operation)
            }
            let (result, overflow) = number.addingReportingOverflow(amount)
            guard !overflow else {
                throw TTLStoreError(.numberOverflow, "the sum leaves the range of 64-bit integers", in: operation)
            }
            sum = result
        }
        var item = item
        item.value = .integer(sum)
        try replaceValue(item, isLive: current != nil, now: now, in: operation)
        return sum
    }

    // MARK: Removing

    /// Removes a live entry; false if there was none, or the condition did not hold.
    func remove(_ key: Key, when condition: RemoveCondition = .always, now: Timestamp) throws -> Bool {
        switch condition {
        case .always: try run(.remove, key, now)
        case .ifUnchanged(let revision): try run(.removeIfUnchanged, key, now, revision: revision)
        }
    }

    func removeAll(_ keys: [Key], now: Timestamp) throws -> Int {
        var count = 0
        for key in keys where try run(.remove, key, now) { count += 1 }
        return count
    }

    /// Removes a live entry and returns what `read` makes of its value; if that throws, the entry stays.
    func take<Success>(_ key: Key, now: Timestamp, _ read: (Value) throws -> Success) throws -> Success? {
        guard let value = reader.counted(try reader.value(key, now: now)) else { return nil }
        let result = try read(value)
        _ = try run(.remove, key, now)
        return result
    }

    // MARK: Expiry

    func touch(
        _ key: Key, expiring expiry: Expiry, when rule: TouchRule, now: Timestamp, in operation: String
    ) throws -> TouchOutcome {
        let expiresAt = try resolve(expiry, now: now, in: operation)
        if !rule.isUnconditional {
            guard let current = try reader.expiry(key, now: now) else { return .absent }
            guard rule.allows(expiresAt, current: current, now: now) else { return .conditionNotMet }
        }
        if expiresAt.keeps { return try reader.isLive(key, now: now) ? .touched : .absent }
        if case .passed = expiresAt { return try run(.remove, key, now) ? .alreadyExpired : .absent }
        guard try run(.touch, key, now, expiresAt: expiresAt.timestamp) else { return .absent }
        note(expiresAt.timestamp)
        return .touched
    }

    func persist(_ key: Key, now: Timestamp) throws -> PersistOutcome {
        if try run(.persist, key, now) { return .madePermanent }
        return try reader.isLive(key, now: now) ? .wasPermanent : .absent
    }

    /// Deletes the expired ones among at most `EntrySQL.purgeWidth` rows, in the order of their ids.
    /// - Parameter foreseen: the contents of the rows; nil if they are not known.
    /// - Returns: the deleted rows.
    func purge(
        rows: ArraySlice<DueRow>, foreseen: ArraySlice<LeavingRow>?, now: Timestamp
    ) throws(SQLiteError) -> [DueRow] {
        let ids = rows.map(\.id)
        let leaving = if let foreseen { foreseen } else { try expiring(ids, now: now)?[...] }
        if listsKeys { changes.keys.notePurge(by: now) }
        let deleted = try DeletedRows.during(connection) { () throws(SQLiteError) in
            try delete(.purge, ids, now: now)
        }
        counts.rows -= deleted.count
        guard deleted.count < rows.count else {
            if let leaving { removals.add(leaving.map(\.entry), of: deleted.count) }
            return Array(rows)
        }
        // The rule in the statement has spared some of the rows.
        let isDeleted = Set(deleted)
        if let leaving {
            removals.add(leaving.filter { isDeleted.contains($0.id) }.map(\.entry), of: deleted.count)
        }
        return rows.filter { isDeleted.contains($0.id) }
    }

    // MARK: Statements

    /// Runs a statement; true if it has changed a row.
    func run(
        _ sql: EntrySQL, _ key: Key, _ now: Timestamp, expiresAt: Timestamp? = nil, value: Value? = nil,
        tag: Key? = nil, revision: TTLStore.Revision? = nil, newKey: Key? = nil
    ) throws -> Bool {
        let statement = try statements(sql)
        let leaving = try leaving(by: sql, key, now: now)
        noteChange(key)
        if let newKey { noteChange(newKey) }
        return try key.withBytes { (keyBytes) throws(SQLiteError) in
            try statement.bindBorrowed(1, text: keyBytes)
            if sql.hasNow { statement.bind(2, now) }
            if sql.hasExpiry { statement.bind(3, expiresAt) }
            if sql.hasTag { try statement.bind(5, tag) }
            if let revision { statement.bind(6, revision.number) }
            if let newKey { try statement.bind(7, newKey) }
            guard let value else {
                try statement.run()
                if sql.isRemoval { noteRemovals(connection.changes) }
                let isChanged = connection.changes > 0
                if isChanged, let leaving { removals.add(leaving) }
                return isChanged
            }
            try expectInsertion()
            try statement.binding(4, value) { () throws(SQLiteError) in try statement.run() }
            guard connection.changes > 0 else { return false }
            counts.sets += 1
            if let leaving { removals.add(leaving) }
            try enforceLimits(sparing: key, now: now)
            return true
        }
    }

    func resolve(
        _ expiry: Expiry, now: Timestamp, in operation: String
    ) throws(TTLStoreError) -> ResolvedExpiry {
        try ResolvedExpiry(expiry, now: now, default: defaultTimeToLive, in: operation)
    }

    func noteChange(_ key: Key) { if listsKeys { changes.keys.note(key) } }

    func noteChangeOfAll() { if listsKeys { changes.keys.noteAll() } }

    func noteRemovals(_ count: Int) {
        counts.removals += count
        counts.rows -= count
    }

    func note(_ expiresAt: Timestamp?) {
        guard let expiresAt else { return }
        changes.earliestExpiry = min(changes.earliestExpiry ?? expiresAt, expiresAt)
    }
}
