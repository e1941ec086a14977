import CTTLSQLite
import Foundation
import TTLStore
import TTLTestSupport

/// For `time` milliseconds sets new keys with a time to live of one second, from `threads` threads and `tasks` tasks,
/// as fast as they can; threads so many in one step as `batch` says. Tallies at half time and at the end, with the
/// writers still at work, the live rows, the expired ones and the pages of the file, and as `log` the longest log in
/// bytes.
@Sendable func runExpiring(_ load: Load) throws {
    let store = try load.open()
    let watch = LogWatch(load.path)
    let writers = ExpiringWriters(store, load)
    let (half, end) = (Deadline(milliseconds: load["time"] / 2), Deadline(milliseconds: load["time"]))
    // One more for the tasks, and one that watches and then stops the others.
    onThreads(load["threads"] + 2) { thread in
        switch thread {
        case 0:
            half.wait()
            FileRows(load.path).tally(to: load, "half")
            end.wait()
            FileRows(load.path).tally(to: load, "end")
            writers.stop()
        case 1: untilDone { await writers.runTasks() }
        default: writers.runThread(thread)
        }
    }
    load.tally.add(watch.stop(), to: "log")
    store.close()
}

private struct ExpiringWriters: Sendable {
    private let store: TTLStore
    private let load: Load
    private let stops = Counter()
    private let value = String(repeating: "v", count: 200)

    init(_ store: TTLStore, _ load: Load) {
        self.store = store
        self.load = load
    }

    func stop() { stops.add() }

    func runThread(_ number: Int) {
        var round = 0
        while stops.value == 0 {
            round += 1
            let prefix = "thread:\(number):\(round)"
            load.tally.noteBlocking {
                guard load["batch"] > 0 else {
                    return "\(try store.set(prefix, value, expiring: .after(.seconds(1))))"
                }
                let entries = (0..<load["batch"]).map {
                    TTLStore.BatchEntry("\(prefix):\($0)", .text(value), expiring: .after(.seconds(1)))
                }
                try store.setAll(entries)
                return "stored"
            }
        }
    }

    func runTasks() async {
        await withTaskGroup(of: Void.self) { group in
            for task in 0..<load["tasks"] {
                group.addTask {
                    var round = 0
                    while stops.value == 0 {
                        round += 1
                        let key = "task:\(task):\(round)"
                        await load.tally.note {
                            "\(try await store.set(key, value, expiring: .after(.seconds(1))))"
                        }
                    }
                }
            }
        }
    }
}

/// The rows of the file at one moment, as another program sees them.
private struct FileRows {
    var (live, expired, pages) = (-1, -1, -1)

    init(_ path: String) {
        var handle: OpaquePointer?
        defer { sqlite3_close_v2(handle) }
        guard sqlite3_open_v2(path, &handle, SQLITE_OPEN_READWRITE, nil) == SQLITE_OK else { return }
        sqlite3_busy_timeout(handle, 10_000)
        sqlite3_exec(handle, "BEGIN", nil, nil, nil)
        pages = FileRows.number(handle, "PRAGMA page_count")
        let now = Int(Date().timeIntervalSince1970 * 1000)
        expired = FileRows.number(handle, "SELECT count(*) FROM entries WHERE expires_at <= \(now)")
        live = FileRows.number(handle, "SELECT count(*) FROM entries WHERE expires_at > \(now)")
        sqlite3_exec(handle, "COMMIT", nil, nil, nil)
    }

    func tally(to load: Load, _ when: String) {
        for (name, number) in [("live", live), ("expired", expired), ("pages", pages)] {
            load.tally.add(number, to: "\(when).\(name)")
        }
    }

    private static func number(_ handle: OpaquePointer?, _ sql: String) -> Int {
        var statement: OpaquePointer?
        defer { sqlite3_finalize(statement) }
        guard sqlite3_prepare_v2(handle, sql, -1, &statement, nil) == SQLITE_OK,
            sqlite3_step(statement) == SQLITE_ROW
        else { return -1 }
        return Int(sqlite3_column_int64(statement, 0))
    }
}
