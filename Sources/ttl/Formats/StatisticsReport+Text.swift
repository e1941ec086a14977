import TTLStore

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The state of a store for a person: figures, and two histograms.
extension StatisticsReport {
    /// - Parameter columns: of the terminal; nil where there is none.
    func text(columns: Int?) -> String {
        let bars = [expiries, sizes].map { "\n" + $0.text }
        return (rows.map { StatisticsReport.line($0, $1, columns) } + bars).joined()
    }

    private static func line(_ name: String, _ value: String, _ columns: Int?) -> String {
        Figures.left(name, indent) + PrintableText.wrapped(value, indent: indent, columns: columns) + "\n"
    }

    private static let indent = 13

    private var rows: [(String, String)] {
        [
            ("store", PrintableText.escaped(path)),
            ("live", live),
            ("expired", Figures.grouped(statistics.expiredEntries) + (overdue == nil ? "" : ", not yet deleted")),
            ("overdue", overdue ?? "none"),
            ("next expiry", nextExpiry),
            ("file", "\(Figures.bytes(statistics.fileSize)), \(Figures.bytes(statistics.freeSize)) of it free"),
            ("log", Figures.bytes(statistics.logSize)),
            ("versions", versions),
        ] + warnings
    }

    private var live: String {
        let number = Figures.grouped(distribution.liveEntries)
        let permanent = distribution.permanentEntries
        return permanent == 0 ? number : "\(number), of which \(Figures.grouped(permanent)) never expire"
    }

    private var overdue: String? {
        guard let oldest = statistics.oldestOverdue else { return nil }
        let percentiles = [50.0, 99].compactMap { percent in
            overdue(percent).map { ", \(Int(percent)) % for at most \(DurationFormat.text($0))" }
        }
        return "the oldest for \(DurationFormat.text(oldest))" + percentiles.joined()
    }

    private var nextExpiry: String {
        guard let next = statistics.nextExpiry else { return "never" }
        let left = Duration.milliseconds(Int64(max(0, next.timeIntervalSince(now)) * 1000))
        return "\(DateFormat.text(next)), in \(DurationFormat.text(left))"
    }

    private var versions: String {
        "ttl \(TTLCommand.version), schema \(statistics.schemaVersion), SQLite \(statistics.sqliteVersion)"
    }

    private var warnings: [(String, String)] {
        guard statistics.hasWALResetBug else { return [] }
        return [
            (
                "warning",
                "SQLite \(statistics.sqliteVersion) has the WAL-reset bug. ttl is safe with it; other programs that "
                    + "write to the file may lose data. It is fixed in 3.51.3, 3.50.7 and 3.44.6."
            )
        ]
    }

    private var expiries: BarChart {
        let names = ["1 minute", "10 minutes", "1 hour", "1 day", "1 week"]
        let parts = distribution.timesLeft.enumerated().map { index, part in
            (name: index < names.count ? "in \(names[index])" : "later", count: part.count)
        }
        return BarChart(
            title: "expires",
            bars: [("overdue", statistics.expiredEntries)] + parts + [("never", distribution.permanentEntries)])
    }

    private var sizes: BarChart {
        BarChart(
            title: "value size (\(Figures.bytes(distribution.totalSize)) in all)",
            bars: distribution.sizes.map { part in
                (part.upperBound.map { "to \(Figures.bytes($0))" } ?? "larger", part.count)
            })
    }
}
