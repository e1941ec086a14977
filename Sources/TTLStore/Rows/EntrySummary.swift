internal import CTTLSQLite

extension TTLStore {
    /// An entry as a list shows it: everything but its value.
    package struct EntrySummary: Hashable, Sendable {
        package let key: String
        /// The value's kind, by its storage class.
        package let kind: Value.Kind
        /// The size of the printed value in bytes; nil where finding it out would mean reading a value beyond the limit
        /// of reads.
        package let size: Int?
        /// The time left, negative for an entry that has expired; nil means for ever.
        package let remaining: Duration?
        package let tag: String?
    }
}

/// The columns of a summary. A page of summaries takes no memory for values.
enum SummaryColumns {
    static let all = columns(size: size)
    /// For a page that holds text beyond the limit of reads.
    static let withoutSizesOfText = columns(size: "CASE typeof(value) WHEN 'blob' THEN length(value) END")

    private static func columns(size: String) -> String { "key, typeof(value), \(size), expires_at, tag" }

    /// The size of a value in bytes.
    ///
    /// `octet_length` takes it from the row's header (https://www.sqlite.org/releaselog/3_43_0.html). Before that
    /// version only `length` of a BLOB did so; SQLite reads a whole text for its size, one row at a time.
    static let size =
        sqlite3_libversion_number() >= 3_043_000
        ? "octet_length(value)"
        : "CASE typeof(value) WHEN 'blob' THEN length(value) ELSE length(CAST(value AS BLOB)) END"

    static func summary(_ row: Statement, now: Timestamp) -> TTLStore.EntrySummary {
        TTLStore.EntrySummary(
            key: EntryColumns.text(row, 0),
            kind: kind(EntryColumns.text(row, 1)),
            size: row.type(2) == .null ? nil : row.count(2),
            remaining: row.optionalTime(3).map { TimeConversion.duration(from: now, to: $0) },
            tag: EntryColumns.optionalText(row, 4))
    }

    private static func kind(_ storageClass: String) -> Value.Kind { Value.Kind(rawValue: storageClass) ?? .bytes }
}
