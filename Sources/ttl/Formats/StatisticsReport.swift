import TTLStore

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The state of a store, as JSON; as text in `StatisticsReport+Text.swift`.
struct StatisticsReport: Encodable {
    let path: String
    let distribution: TTLStore.Distribution
    let statistics: TTLStore.Statistics
    /// The time as of which the report tells what is to come.
    let now: Date

    private enum CodingKeys: String, CodingKey {
        case path, live, expired, never, expiries, sizes
        case oldestOverdue = "oldest_overdue"
        case medianOverdue = "overdue_p50"
        case highOverdue = "overdue_p99"
        case nextExpiry = "next_expiry"
        case fileSize = "file_size"
        case logSize = "log_size"
        case freeSize = "free_size"
        case valuesSize = "values_size"
        case schemaVersion = "schema_version"
        case sqliteVersion = "sqlite_version"
        case commandVersion = "ttl_version"
        case hasWALResetBug = "wal_reset_bug"
    }

    /// A bar of a histogram; `up_to` is null for the last one.
    private struct Part: Encodable {
        let upTo: Int64?
        let count: Int

        private enum CodingKeys: String, CodingKey {
            case count
            case upTo = "up_to"
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(upTo, forKey: .upTo)
            try container.encode(count, forKey: .count)
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        func seconds(_ duration: Duration?) -> Double? {
            duration.map { Double(DurationFormat.milliseconds($0)) / 1000 }
        }
        try container.encode(path, forKey: .path)
        try container.encode(distribution.liveEntries, forKey: .live)
        try container.encode(statistics.expiredEntries, forKey: .expired)
        try container.encode(distribution.permanentEntries, forKey: .never)
        try container.encode(seconds(statistics.oldestOverdue), forKey: .oldestOverdue)
        try container.encode(seconds(overdue(50)), forKey: .medianOverdue)
        try container.encode(seconds(overdue(99)), forKey: .highOverdue)
        try container.encode(statistics.nextExpiry.map(DateFormat.text), forKey: .nextExpiry)
        try container.encode(
            distribution.timesLeft.map { Part(upTo: $0.upperBound?.components.seconds, count: $0.count) },
            forKey: .expiries)
        try container.encode(
            distribution.sizes.map { Part(upTo: $0.upperBound.map { Int64($0) }, count: $0.count) }, forKey: .sizes)
        try container.encode(distribution.totalSize, forKey: .valuesSize)
        try container.encode(statistics.fileSize, forKey: .fileSize)
        try container.encode(statistics.logSize, forKey: .logSize)
        try container.encode(statistics.freeSize, forKey: .freeSize)
        try container.encode(statistics.schemaVersion, forKey: .schemaVersion)
        try container.encode(statistics.sqliteVersion, forKey: .sqliteVersion)
        try container.encode(TTLCommand.version, forKey: .commandVersion)
        try container.encode(statistics.hasWALResetBug, forKey: .hasWALResetBug)
    }

    /// A percentile of the backlog: that many percent of its entries have been due for at most the result.
    func overdue(_ percent: Double) -> Duration? {
        guard let bound = statistics.overdue.percentile(percent), let oldest = statistics.oldestOverdue else {
            return nil
        }
        return min(bound, oldest)
    }
}
