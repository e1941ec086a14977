import CTTLBenchmarkLoops
import GRDB

/// A reader of its own that finds out when rows that expire have gone.
final class RowWatch {
    private let file: DatabaseQueue
    /// All rows, by their expiry, and how many of them had expired at the last look.
    private let rows: [(id: Int64, expiry: Int64)]
    private var dueCount = 0
    /// The expiries of the rows that had expired at the last look and were still there.
    private var overdue: [Int64: Int64] = [:]
    /// How long after its expiry each row was found to be gone, in seconds: too long by the time between two looks.
    private(set) var lateness: [Double] = []

    init(_ path: String) throws {
        var configuration = Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(5)
        file = try DatabaseQueue(path: path, configuration: configuration)
        rows = try file.read { db in
            try GRDB.Row.fetchAll(db, sql: "SELECT id, expires_at FROM entries ORDER BY expires_at")
                .map { ($0["id"], $0["expires_at"]) }
        }
    }

    var areSomeLeft: Bool { lateness.count < rows.count }

    /// Returns the time of the look.
    func look() throws -> Int64 {
        let now = ttl_bench_wall()
        let left = try file.read { db in
            // From the index of expiries alone.
            try Swift.Set(
                Int64.fetchAll(
                    db.cachedStatement(sql: "SELECT id FROM entries WHERE expires_at <= ?1"), arguments: [now]))
        }
        let seen = ttl_bench_wall()
        while dueCount < rows.count, rows[dueCount].expiry <= now {
            overdue[rows[dueCount].id] = rows[dueCount].expiry
            dueCount += 1
        }
        for (id, expiry) in overdue where !left.contains(id) {
            lateness.append(Double(seen - expiry) / 1000)
            overdue[id] = nil
        }
        return now
    }
}
