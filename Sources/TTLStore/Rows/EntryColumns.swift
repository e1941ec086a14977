/// The columns of a whole entry, in the order in which `EntryReader` and `EntryListing` read them.
enum EntryColumns {
    static let all = "key, value, expires_at, created_at, updated_at, revision, tag"

    static func entry(_ row: Statement, now: Timestamp) -> TTLStore.Entry {
        let expiresAt = row.optionalTime(2)
        return TTLStore.Entry(
            key: text(row, 0),
            value: value(row, 1),
            expiresAt: expiresAt.map(TimeConversion.date),
            remaining: expiresAt.map { TimeConversion.duration(from: now, to: $0) },
            createdAt: TimeConversion.date(row.time(3)),
            updatedAt: TimeConversion.date(row.time(4)),
            revision: TTLStore.Revision(number: row.integer(5)),
            tag: optionalText(row, 6))
    }

    /// Bytes that are not valid UTF-8 become U+FFFD.
    static func text(_ row: Statement, _ column: Int32) -> String {
        row.withBytes(column) { String(decoding: $0, as: UTF8.self) }
    }

    static func optionalText(_ row: Statement, _ column: Int32) -> String? {
        row.type(column) == .null ? nil : text(row, column)
    }

    static func value(_ row: Statement, _ column: Int32) -> Value {
        let type = row.type(column)
        if type == .integer { return .integer(row.integer(column)) }
        return row.withBytes(column) { value($0, isText: type == .text) }
    }

    static func value(_ bytes: UnsafeBufferPointer<UInt8>, isText: Bool) -> Value {
        guard isText, let text = String(validating: bytes, as: UTF8.self) else { return .bytes(Array(bytes)) }
        return .text(text)
    }
}
