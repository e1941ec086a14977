/// Changes entries on the store's writing connection, inside a transaction that the commit queue has opened.
///
/// Each method is one statement, or a sequence that reads before it writes, so that an error leaves nothing half done.
final class EntryWriter {
    let connection: Connection
    let reader: EntryReader
    private let statements: StatementSet
    private let defaultTimeToLive: Duration?
    let clock: WallClock

    /// The earliest expiry written since it was last taken; the expirer is told after the commit.
    private(set) var earliestExpiry: Timestamp?

    init(_ connection: Connection, clock: WallClock, defaultTimeToLive: Duration?) {
        self.connection = connection
        self.clock = clock
        self.defaultTimeToLive = defaultTimeToLive
        reader = EntryReader(connection)
        statements = StatementSet(connection)
    }

    func takeEarliestExpiry() -> Timestamp? {
        defer { earliestExpiry = nil }
        return earliestExpiry
    }

    func set(
        _ key: Key, _ value: Value, expiring expiry: Expiry, when condition: SetCondition, in operation: String
    ) throws -> SetOutcome {
        let now = clock.now
        let expiresAt = try ResolvedExpiry(expiry, now: now, default: defaultTimeToLive, in: operation)
        guard case .passed = expiresAt else {
            let sql: EntrySQL =
                switch (condition, expiresAt.keeps) {
                case (.always, false): .set
                case (.always, true): .setKeepingExpiry
                case (.ifAbsent, _): .setIfAbsent
                case (.ifPresent, false): .setIfPresent
                case (.ifPresent, true): .setIfPresentKeepingExpiry
                }
            let written = try run(sql, key, now, expiresAt: expiresAt.timestamp, value: value)
            if written { note(expiresAt.timestamp) }
            return written ? .stored : .conditionNotMet
        }
        switch condition {
        case .always:
            _ = try run(.remove, key, now)
            return .alreadyExpired
        case .ifAbsent:
            return try reader.isLive(key, now: now) ? .conditionNotMet : .alreadyExpired
        case .ifPresent:
            return try run(.remove, key, now) ? .alreadyExpired : .conditionNotMet
        }
    }

    /// Removes a live entry; false if there was none.
    func remove(_ key: Key) throws -> Bool {
        try run(.remove, key, clock.now)
    }

    func touch(
        _ key: Key, expiring expiry: Expiry, when condition: TouchCondition, in operation: String
    ) throws -> TouchOutcome {
        let now = clock.now
        let expiresAt = try ResolvedExpiry(expiry, now: now, default: defaultTimeToLive, in: operation)
        if let limit = try condition.limit(in: operation) {
            guard let current = try reader.expiry(key, now: now) else { return .absent }
            guard TouchCondition.isLess(expiresAt: current, now: now, than: limit) else { return .conditionNotMet }
        }
        if expiresAt.keeps { return try reader.isLive(key, now: now) ? .touched : .absent }
        if case .passed = expiresAt { return try run(.remove, key, now) ? .alreadyExpired : .absent }
        guard try run(.touch, key, now, expiresAt: expiresAt.timestamp) else { return .absent }
        note(expiresAt.timestamp)
        return .touched
    }

    func persist(_ key: Key) throws -> PersistOutcome {
        let now = clock.now
        if try run(.persist, key, now) { return .madePermanent }
        return try reader.isLive(key, now: now) ? .wasPermanent : .absent
    }

    /// Deletes those of at most `EntrySQL.purgeWidth` rows that have expired, and says how many had.
    func purge(rows ids: ArraySlice<Int64>, now: Timestamp) throws(SQLiteError) -> Int {
        let statement = try statements(.purge)
        statement.clearBindings()
        statement.bind(2, now)
        for (index, id) in ids.enumerated() { statement.bind(Int32(3 + index), id) }
        try statement.run()
        return connection.changes
    }

    /// True if a row was changed.
    private func run(
        _ sql: EntrySQL, _ key: Key, _ now: Timestamp, expiresAt: Timestamp? = nil, value: Value? = nil
    ) throws -> Bool {
        let statement = try statements(sql)
        return try key.withBytes { (keyBytes) throws(SQLiteError) in
            try statement.bindBorrowed(1, text: keyBytes)
            statement.bind(2, now)
            if sql.hasExpiry { statement.bind(3, expiresAt) }
            guard let value else {
                try statement.run()
                return connection.changes > 0
            }
            return try statement.binding(4, value) { () throws(SQLiteError) in
                try statement.run()
                return connection.changes > 0
            }
        }
    }

    private func note(_ expiresAt: Timestamp?) {
        guard let expiresAt else { return }
        earliestExpiry = min(earliestExpiry ?? expiresAt, expiresAt)
    }
}

extension EntrySQL {
    fileprivate var hasExpiry: Bool {
        switch self {
        case .set, .setKeepingExpiry, .setIfAbsent, .setIfPresent, .touch: true
        default: false
        }
    }
}

extension TouchCondition {
    /// What `.remainingLess` compares with; nil for `.always`.
    func limit(in operation: String) throws(TTLStoreError) -> Milliseconds? {
        guard case .remainingLess(let duration) = self else { return nil }
        guard let limit = TimeConversion.milliseconds(duration) else {
            throw TTLStoreError(
                .invalidArgument, "the remaining time to compare with is not positive or too long", in: operation)
        }
        return limit
    }

    /// False for an entry that never expires: never is infinitely late.
    static func isLess(expiresAt: Timestamp?, now: Timestamp, than limit: Milliseconds) -> Bool {
        expiresAt.map { $0 <= now || $0 - now < limit } ?? false
    }
}

extension Statement {
    /// Binds a value without copying it for as long as `body` runs.
    fileprivate func binding<Result>(
        _ index: Int32, _ value: Value, _ body: () throws(SQLiteError) -> Result
    ) throws(SQLiteError) -> Result {
        var outcome: Swift.Result<Result, SQLiteError>?
        func run(_ bind: () throws(SQLiteError) -> Void) {
            do throws(SQLiteError) {
                try bind()
                outcome = .success(try body())
            } catch { outcome = .failure(error) }
        }
        switch value {
        case .integer(let integer): run { () throws(SQLiteError) in bind(index, integer) }
        case .text(var text):
            text.withUTF8 { bytes in run { () throws(SQLiteError) in try bindBorrowed(index, text: bytes) } }
        case .bytes(let bytes):
            bytes.withUnsafeBufferPointer { bytes in
                run { () throws(SQLiteError) in try bindBorrowed(index, blob: bytes) }
            }
        }
        // Each branch calls `run` exactly once.
        return try outcome!.get()
    }
}
