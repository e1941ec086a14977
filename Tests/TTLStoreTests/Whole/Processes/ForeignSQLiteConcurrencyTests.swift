import Foundation
import TTLStore
import TTLTestSupport
import Testing

/// Another program with a newer SQLite than the system's, as Python's package `apsw` brings it along.
///
/// `TTL_FOREIGN_PYTHON` names a Python that has it. Otherwise it is installed into a temporary folder; if that fails,
/// the test is left out, or fails with `TTL_CI`.
@Suite("Another program with a newer SQLite") struct ForeignSQLiteConcurrencyTests {
    private static let seconds = 3.0

    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test("a newer SQLite writes, checkpoints, vacuums and locks beside a store, and no write is lost")
    func together() async throws {
        guard let python = try python() else { return }
        let path = folder("store.db")
        var configuration = TTLStore.Configuration()
        configuration.busyTimeout = .seconds(120)
        // So that checkpoints of both sides meet.
        configuration.maximumLogSize = 1 << 20
        let store = try await TTLStore(path: path, configuration: configuration)
        let foreign = try ChildProcess(python, ["-c", Self.program, path, String(Self.seconds)])
        #expect(foreign.readLine() == "ready", "\(foreign.isRunning ? "" : foreign.readErrors())")
        let (acknowledged, failures) = (Collected<String>(), Collected<String>())
        let work = OwnWork(store, until: Date(timeIntervalSinceNow: Self.seconds), acknowledged, failures)
        async let onTasks: Void = withTaskGroup(of: Void.self) { group in
            for number in 0..<4 { group.addTask { await work.runAsTask(number) } }
        }
        async let onThreads: Void = LoneThreads.run(4) { work.runOnThread($0) }
        _ = await (onTasks, onThreads)
        let lines = foreign.readLines()
        #expect(foreign.wait() == 0, "\(foreign.readErrors())")
        #expect(failures.all == [])
        let report = try #require(lines.last)
        #expect(report.hasPrefix("done 3."), "\(report)")
        let theirs = lines.dropLast().filter { $0.hasPrefix("foreign:") }
        #expect(theirs.count > 20 && acknowledged.all.count > 20, "\(theirs.count) and \(acknowledged.all.count)")
        let missing = try (theirs + acknowledged.all).filter { try store.get($0) != $0 }
        #expect(missing == [], "\(missing.count) are lost; \(report)")
        await store.close()
        try expectIntact(path)
        let again = try await TTLStore(path: path)
        #expect(try (theirs + acknowledged.all).allSatisfy { try again.get($0) == $0 })
        #expect(try await again.check().isHealthy)
        await again.close()
    }

    /// A Python that has the package; nil if it can't be installed.
    private func python() throws -> String? {
        let environment = ProcessInfo.processInfo.environment
        if let path = environment["TTL_FOREIGN_PYTHON"] { return path }
        let home = folder("python")
        let made = try ChildProcess.run("/usr/bin/env", ["python3", "-m", "venv", home])
        let arguments = ["-m", "pip", "install", "--quiet", "--retries", "0", "--timeout", "20", "apsw"]
        let installed = made.status == 0 ? try ChildProcess.run(home + "/bin/python", arguments) : made
        if installed.status == 0 { return home + "/bin/python" }
        #expect(environment["TTL_CI"] == nil, "Python's package apsw can't be installed: \(installed.errors)")
        print("the test with a newer SQLite is left out: Python's package apsw can't be installed")
        return nil
    }

    /// Prints each key that it has committed.
    private static let program = """
        import random, sys, time
        import apsw

        path, seconds = sys.argv[1], float(sys.argv[2])
        connection = apsw.Connection(path)
        connection.set_busy_timeout(5000)
        random.seed(1)
        counts = {}

        def run(name, statements, pause=0.0):
            try:
                for statement in statements:
                    for _ in connection.execute(statement):
                        pass
                    time.sleep(pause)
                counts[name] = counts.get(name, 0) + 1
                return True
            except (apsw.BusyError, apsw.LockedError):
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                counts["busy"] = counts.get("busy", 0) + 1
                return False

        print("ready", flush=True)
        end = time.monotonic() + seconds
        number = 0
        # On a busy machine the time alone may be too short.
        while time.monotonic() < end or (counts.get("write", 0) <= 20 and time.monotonic() < end + 120):
            for _ in range(random.randrange(1, 8)):
                number += 1
                key = "foreign:%d" % number
                statement = "INSERT INTO entries (key, value) VALUES ('%s', '%s')" % (key, key)
                if run("write", [statement]):
                    print(key, flush=True)
            choice = random.randrange(10)
            if choice < 4:
                mode = ("PASSIVE", "FULL", "RESTART", "TRUNCATE")[choice]
                run(mode, ["PRAGMA wal_checkpoint(%s)" % mode])
            elif choice == 4:
                run("vacuum", ["VACUUM"])
            elif choice == 5:
                run("exclusive", ["BEGIN EXCLUSIVE", "COMMIT"], 0.02)
            elif choice == 6:
                run("immediate", ["BEGIN IMMEDIATE", "UPDATE live SET ttl = 600 WHERE key = 'shared'", "COMMIT"], 0.01)
            elif choice == 7:
                run("read", ["BEGIN", "SELECT count(*) FROM entries", "COMMIT"], 0.03)
            elif choice == 8:
                run("edit", ["INSERT OR REPLACE INTO entries (key, value) VALUES ('shared', random())"])
            else:
                run("incremental", ["PRAGMA incremental_vacuum(10)"])
            time.sleep(0.001)
        connection.close()
        print("done", apsw.sqlite_lib_version(), sorted(counts.items()))
        """
}

/// The work of a store beside the other program.
private struct OwnWork: Sendable {
    private let store: TTLStore
    private let end: Date
    private let acknowledged: Collected<String>
    private let failures: Collected<String>

    init(_ store: TTLStore, until end: Date, _ acknowledged: Collected<String>, _ failures: Collected<String>) {
        (self.store, self.end, self.acknowledged, self.failures) = (store, end, acknowledged, failures)
    }

    /// On a busy machine the time may be over before a task or a thread has begun.
    private func goesOn(_ number: Int) -> Bool { Date() < end || number < 20 }

    private func noting(_ key: String, _ body: () throws -> Void) {
        do {
            try body()
            acknowledged.append(key)
        } catch { failures.append("\(error)") }
    }

    func runOnThread(_ thread: Int) {
        var number = 0
        while goesOn(number) {
            number += 1
            let key = "thread:\(thread):\(number)"
            noting(key) {
                try store.set(key, key)
                try store.set("short:\(key)", [UInt8](repeating: 1, count: 3000), expiring: .after(.milliseconds(50)))
                guard try store.get(key) == key else { throw CocoaError(.fileReadUnknown) }
                if number % 20 == 0 { try store.purgeExpired() }
            }
        }
    }

    func runAsTask(_ task: Int) async {
        var number = 0
        while goesOn(number) {
            number += 1
            let key = "task:\(task):\(number)"
            do {
                try await store.set(key, key)
                try await store.increment("sum")
                guard try await store.get(key) == key else { throw CocoaError(.fileReadUnknown) }
                acknowledged.append(key)
            } catch { failures.append("\(error)") }
        }
    }
}

/// Threads that a task waits for without blocking its own.
private enum LoneThreads {
    static func run(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) async {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                onThreads(count, body)
                continuation.resume()
            }
        }
    }
}
