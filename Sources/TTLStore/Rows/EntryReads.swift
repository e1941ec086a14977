internal import CTTLSQLite

extension ReadOperation where Success == Value? {
    /// What an update is about to change; it counts as no look-up.
    static func valueForUpdate(_ key: String) throws(TTLStoreError) -> ReadOperation {
        let key = try Key(key, in: "update")
        return ReadOperation("update") { reader, now in
            // Checked before the closure runs.
            try TimeConversion.checkStorable(now, in: "update")
            return try reader.value(key, now: now)
        }
    }
}

extension ReadOperation where Success == TTLStore.Entry? {
    /// The entry that an operation is about to change; it counts as a look-up.
    static func entry(_ key: String, in operation: String) throws(TTLStoreError) -> ReadOperation {
        let key = try Key(key, in: operation)
        return ReadOperation(operation) { reader, now in reader.counted(try reader.entry(key, now: now)) }
    }
}

extension ReadOperation where Success == PersistOutcome? {
    /// The outcome where no write is needed; nil where there is an expiry to remove.
    static func persistCheck(_ key: String) throws(TTLStoreError) -> ReadOperation {
        let key = try Key(key, in: "persist")
        return ReadOperation("persist") { reader, now in
            guard let expiry = try reader.expiry(key, now: now) else { return .absent }
            return expiry == nil ? .wasPermanent : nil
        }
    }
}

extension ReadOperation where Success == [Value?] {
    static func values(_ keys: [String]) throws(TTLStoreError) -> ReadOperation {
        let keys = try keys.map { (key) throws(TTLStoreError) in try Key(key, in: "getAll") }
        return ReadOperation("getAll") { reader, now in
            try reader.values(keys, now: now).map { reader.counted($0) }
        }
    }
}

extension ReadOperation where Success == TTLStore.Page<String> {
    static func keys(
        _ scope: EntryScope, limit: Int, after cursor: TTLStore.Cursor?, state: EntryListing.State = .live
    ) throws(TTLStoreError) -> ReadOperation {
        let listing = try EntryListing(scope, limit: limit, after: cursor, state: state, in: "keys")
        return ReadOperation("keys") { reader, now in
            try listing.page(reader, columns: "key", now: now) { EntryColumns.text($0, 0) }
        }
    }
}

extension ReadOperation where Success == TTLStore.Page<TTLStore.Entry> {
    static func entries(
        _ scope: EntryScope, limit: Int, bytes: Int = .max, after cursor: TTLStore.Cursor?,
        state: EntryListing.State = .live
    ) throws(TTLStoreError) -> ReadOperation {
        let listing = try EntryListing(scope, limit: limit, bytes: bytes, after: cursor, state: state, in: "entries")
        return ReadOperation("entries") { reader, now in
            try listing.page(reader, columns: EntryColumns.all, now: now, size: \.value.size) {
                EntryColumns.entry($0, now: now)
            }
        }
    }
}

extension ReadOperation where Success == TTLStore.Page<TTLStore.EntrySummary> {
    static func summaries(
        _ scope: EntryScope, limit: Int, after cursor: TTLStore.Cursor?, state: EntryListing.State
    ) throws(TTLStoreError) -> ReadOperation {
        let listing = try EntryListing(scope, limit: limit, after: cursor, state: state, in: "entries")
        return ReadOperation("entries") { reader, now in
            func page(_ columns: String) throws(SQLiteError) -> TTLStore.Page<TTLStore.EntrySummary> {
                try listing.page(reader, columns: columns, now: now) { SummaryColumns.summary($0, now: now) }
            }
            do throws(SQLiteError) { return try page(SummaryColumns.all) } catch {
                guard error.primaryCode == SQLITE_TOOBIG else { throw error }
                return try page(SummaryColumns.withoutSizesOfText)
            }
        }
    }
}

extension ReadOperation where Success == Int {
    static func count(_ scope: EntryScope) -> ReadOperation {
        ReadOperation("count") { reader, now in try reader.count(scope, now: now) }
    }
}
