import TTLStore

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The state of a store, as text and as JSON.
struct StatisticsReport: Encodable {
    let path: String
    let live: Int
    let statistics: TTLStore.Statistics

    private enum CodingKeys: String, CodingKey {
        case path, live, expired
        case oldestOverdue = "oldest_overdue"
        case nextExpiry = "next_expiry"
        case fileSize = "file_size"
        case logSize = "log_size"
        case freeSize = "free_size"
        case schemaVersion = "schema_version"
        case sqliteVersion = "sqlite_version"
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        let overdue = statistics.oldestOverdue.map { Double(DurationFormat.milliseconds($0)) / 1000 }
        try container.encode(path, forKey: .path)
        try container.encode(live, forKey: .live)
        try container.encode(statistics.expiredEntries, forKey: .expired)
        try container.encode(overdue, forKey: .oldestOverdue)
        try container.encode(statistics.nextExpiry.map(DateFormat.text), forKey: .nextExpiry)
        try container.encode(statistics.fileSize, forKey: .fileSize)
        try container.encode(statistics.logSize, forKey: .logSize)
        try container.encode(statistics.freeSize, forKey: .freeSize)
        try container.encode(statistics.schemaVersion, forKey: .schemaVersion)
        try container.encode(statistics.sqliteVersion, forKey: .sqliteVersion)
    }

    var text: String {
        let overdue = statistics.oldestOverdue.map { ", the oldest for \(DurationFormat.text($0))" } ?? ""
        let rows = [
            ("store", PrintableText.escaped(path)),
            ("live", Figures.grouped(live)),
            ("expired", Figures.grouped(statistics.expiredEntries) + overdue),
            ("next expiry", statistics.nextExpiry.map(DateFormat.text) ?? "never"),
            ("file", "\(Figures.bytes(statistics.fileSize)), \(Figures.bytes(statistics.freeSize)) of it free"),
            ("log", Figures.bytes(statistics.logSize)),
            ("schema", String(statistics.schemaVersion)),
            ("SQLite", statistics.sqliteVersion),
        ]
        return rows.map { name, value in Figures.left(name, 13) + value + "\n" }.joined()
    }
}
