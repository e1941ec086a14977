import CTTLSQLite
import TTLTestSupport
import Testing

@testable import TTLStore

/// Commits of another program between any two statements of a store's writer.
@Suite("A count of entries beside another program") struct ForeignCommitTests {
    /// Tries to commit before and after each statement of the writer, and never waits.
    private final class Intruder {
        let connection: Connection
        private(set) var commits = 0
        private(set) var refusals = 0
        private var generator = SeededGenerator(seed: 7)

        init(_ path: String) throws {
            connection = try Connection(
                path: path, access: .readWrite, busyPolicy: BusyPolicy(stop: StopFlag(), timeout: 0))
        }

        func tryToCommit() {
            let key = Int.random(in: 0..<2000, using: &generator)
            let sql =
                Bool.random(using: &generator)
                ? "INSERT OR IGNORE INTO entries (key, value) VALUES ('foreign:\(key)', 'v')"
                : "DELETE FROM entries WHERE key = 'foreign:\(key)'"
            do {
                try connection.execute(sql)
                commits += 1
            } catch { refusals += 1 }
        }

        func attach(to writer: Connection) {
            sqlite3_trace_v2(
                writer.handle, UInt32(SQLITE_TRACE_STMT | SQLITE_TRACE_PROFILE),
                { _, context, _, _ in
                    if let context { Unmanaged<Intruder>.fromOpaque(context).takeUnretainedValue().tryToCommit() }
                    return 0
                }, Unmanaged.passUnretained(self).toOpaque())
        }

        func detach(from writer: Connection) { sqlite3_trace_v2(writer.handle, 0, nil, nil) }
    }

    private struct Refusal: Error {}

    @Test(
        "a count of entries is right in the transaction that uses it, whatever another program commits",
        arguments: [300, 5000])
    func everyMoment(limit: Int) throws {
        let opened = try Setting.inFile.open { $0.maximumEntries = limit }
        let store = opened.store
        let intruder = try Intruder(opened.path)
        try store.engine.batchStore().withTransaction("test") { intruder.attach(to: $0.connection) }
        var (exact, unused) = (0, 0)
        for number in 0..<400 {
            if number % 5 == 4 {
                _ = try? store.transaction { transaction in
                    try transaction.set("rolled back:\(number)", TTLStore.Value.integer(1))
                    throw Refusal()
                }
            }
            try store.set("\(number)", "v")
            if number % 7 == 0 { try store.remove("\(number / 2)") }
            for counting in [Counting.whenDue, number % 10 == 0 ? .always : .whenDue] {
                try store.engine.batchStore().withTransaction("test") { writer in
                    let size = try writer.sizeForEviction(counting: counting)
                    let rows = Int(try writer.connection.integer("SELECT count(*) FROM entries") ?? 0)
                    if let entries = size.entries {
                        // A count that ended early has found more than the margin allows.
                        let isLowerBound = entries < rows && entries > limit + limit / 8
                        #expect(entries == rows || isLowerBound, "\(entries) of \(rows)")
                        exact += 1
                    } else {
                        #expect(counting == .whenDue)
                        unused += 1
                    }
                }
            }
        }
        try store.engine.batchStore().withTransaction("test") { intruder.detach(from: $0.connection) }
        #expect(exact > 10 && intruder.commits > 1000 && intruder.refusals > 1000)
        // A small store may count each time.
        #expect(unused > 0 || limit < 1000)
        store.close()
    }
}
