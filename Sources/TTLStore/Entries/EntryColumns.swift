/// The columns of a whole entry, in the order in which `EntryReader` and `EntryListing` read them.
enum EntryColumns {
    static let all = "key, value, expires_at, created_at, updated_at, revision, tag"

    static func entry(_ row: Statement, now: Timestamp) -> TTLStore.Entry {
        let expiresAt = row.optionalInteger(2)
        return TTLStore.Entry(
            key: row.withBytes(0) { String(decoding: $0, as: UTF8.self) },
            value: value(row, 1),
            expiresAt: expiresAt.map(TimeConversion.date),
            remaining: expiresAt.map { TimeConversion.duration(from: now, to: $0) },
            createdAt: TimeConversion.date(row.integer(3)),
            updatedAt: TimeConversion.date(row.integer(4)),
            revision: TTLStore.Revision(number: row.integer(5)),
            tag: row.type(6) == .null ? nil : row.withBytes(6) { String(decoding: $0, as: UTF8.self) })
    }

    static func value(_ row: Statement, _ column: Int32) -> Value {
        let type = row.type(column)
        if type == .integer { return .integer(row.integer(column)) }
        return row.withBytes(column) { bytes in
            guard type == .text, let text = String(validating: bytes, as: UTF8.self) else {
                return .bytes(Array(bytes))
            }
            return .text(text)
        }
    }
}
