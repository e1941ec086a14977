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
        case medianOverdue = "overdue_p50"
        case highOverdue = "overdue_p99"
        case nextExpiry = "next_expiry"
        case fileSize = "file_size"
        case logSize = "log_size"
        case freeSize = "free_size"
        case schemaVersion = "schema_version"
        case sqliteVersion = "sqlite_version"
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        func seconds(_ duration: Duration?) -> Double? {
            duration.map { Double(DurationFormat.milliseconds($0)) / 1000 }
        }
        try container.encode(path, forKey: .path)
        try container.encode(live, forKey: .live)
        try container.encode(statistics.expiredEntries, forKey: .expired)
        try container.encode(seconds(statistics.oldestOverdue), forKey: .oldestOverdue)
        try container.encode(seconds(lateness(50)), forKey: .medianOverdue)
        try container.encode(seconds(lateness(99)), forKey: .highOverdue)
        try container.encode(statistics.nextExpiry.map(DateFormat.text), forKey: .nextExpiry)
        try container.encode(statistics.fileSize, forKey: .fileSize)
        try container.encode(statistics.logSize, forKey: .logSize)
        try container.encode(statistics.freeSize, forKey: .freeSize)
        try container.encode(statistics.schemaVersion, forKey: .schemaVersion)
        try container.encode(statistics.sqliteVersion, forKey: .sqliteVersion)
    }

    /// A percentile of the backlog: that many percent of its entries have been due for at most the result.
    private func lateness(_ percent: Double) -> Duration? {
        guard let bound = statistics.overdue.percentile(percent), let oldest = statistics.oldestOverdue else {
            return nil
        }
        return min(bound, oldest)
    }

    var text: String {
        let overdue = statistics.oldestOverdue.map { ", the oldest for \(DurationFormat.text($0))" } ?? ""
        let late = [(50.0, lateness(50)), (99.0, lateness(99))].compactMap { percent, bound in
            bound.map { "\(Int(percent)) % for at most \(DurationFormat.text($0))" }
        }
        let rows = [
            ("store", PrintableText.escaped(path)),
            ("live", Figures.grouped(live)),
            ("expired", Figures.grouped(statistics.expiredEntries) + overdue),
            ("lateness", late.isEmpty ? "none" : late.joined(separator: ", ")),
            ("next expiry", statistics.nextExpiry.map(DateFormat.text) ?? "never"),
            ("file", "\(Figures.bytes(statistics.fileSize)), \(Figures.bytes(statistics.freeSize)) of it free"),
            ("log", Figures.bytes(statistics.logSize)),
            ("schema", String(statistics.schemaVersion)),
            ("SQLite", statistics.sqliteVersion),
        ]
        return rows.map { name, value in Figures.left(name, 13) + value + "\n" }.joined()
    }
}
