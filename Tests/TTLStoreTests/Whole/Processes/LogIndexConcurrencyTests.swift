import CTTLSQLite
import Foundation
import TTLTestSupport
import Testing

@testable import TTLStore

/// The properties of SQLite on which `Connection.keepsLog(with:)` relies, tested on the SQLite in use.
@Suite("A read that keeps the log", .hangLimit) struct LogIndexConcurrencyTests {
    private let folder: TemporaryFolder
    private let path: String

    init() throws {
        folder = try TemporaryFolder()
        path = folder("store.db")
        try makeBacklog(path, dead: 0, kept: 200)
    }

    private func connect(patience: Milliseconds = 0) throws -> Connection {
        let connection = try Connection(
            path: path, access: .readWrite, busyPolicy: BusyPolicy(stop: StopFlag(), timeout: patience))
        try connection.execute("PRAGMA wal_autocheckpoint = 0; SELECT 1 FROM entries")
        return connection
    }

    private func checkpoint(_ connection: Connection, _ mode: Int32) -> Int32 {
        sqlite3_wal_checkpoint_v2(connection.handle, "main", mode, nil, nil) & 0xff
    }

    private func snapshot(_ connection: Connection) throws -> Statement {
        try Statement("SELECT name FROM sqlite_schema", on: connection)
    }

    /// The salts change whenever the log is begun anew.
    private func salts(_ connection: Connection) throws -> [UInt32] {
        let index = try #require(LogIndex(connection))
        while true { if let state = index.state() { return state.salts } }
    }

    /// Whatever others do, the log stays; and is begun anew after the read.
    private func expectKept(by anchor: Connection, _ snapshot: Statement) throws {
        let (copier, other) = (try connect(), try connect())
        let held = try salts(anchor)
        for round in 0..<5 {
            #expect(checkpoint(copier, SQLITE_CHECKPOINT_PASSIVE) == SQLITE_OK)
            try other.execute("UPDATE entries SET value = \(round)")
            #expect(checkpoint(other, SQLITE_CHECKPOINT_RESTART) == SQLITE_BUSY)
            #expect(checkpoint(other, SQLITE_CHECKPOINT_TRUNCATE) == SQLITE_BUSY)
            let shell = try ChildProcess.sqlite3(path, "UPDATE entries SET value = 3; PRAGMA wal_checkpoint(TRUNCATE)")
            #expect(shell.text.hasPrefix("1|"))
            #expect(try salts(anchor) == held)
        }
        snapshot.reset()
        #expect(checkpoint(copier, SQLITE_CHECKPOINT_PASSIVE) == SQLITE_OK)
        try other.execute("UPDATE entries SET value = 5")
        #expect(try salts(anchor) != held)
    }

    @Test("a read during which a part of the log is not copied keeps the log")
    func kept() throws {
        let (copier, anchor, other) = (try connect(), try connect(), try connect())
        try other.execute("UPDATE entries SET value = 1")
        let snapshot = try snapshot(anchor)
        #expect(try anchor.keepsLog(with: snapshot))
        // All that the anchor sees is copied.
        #expect(checkpoint(copier, SQLITE_CHECKPOINT_PASSIVE) == SQLITE_OK)
        let state = try #require(LogIndex(anchor)?.state())
        #expect(state.copied == state.frames)
        let held = try salts(anchor)
        try other.execute("UPDATE entries SET value = 2")
        #expect(try salts(anchor) == held)
        try expectKept(by: anchor, snapshot)
    }

    @Test("a read from the file keeps the log if others have committed before the look at the index")
    func commitAfterBeginning() throws {
        let (copier, anchor, other) = (try connect(), try connect(), try connect())
        try other.execute("UPDATE entries SET value = 1")
        #expect(checkpoint(copier, SQLITE_CHECKPOINT_PASSIVE) == SQLITE_OK)
        let snapshot = try snapshot(anchor)
        // With the first row the read has begun.
        sqlite3_trace_v2(
            anchor.handle, UInt32(SQLITE_TRACE_ROW),
            { _, context, _, _ in
                if let context {
                    try? Unmanaged<Connection>.fromOpaque(context).takeUnretainedValue()
                        .execute("UPDATE entries SET value = 2")
                }
                return 0
            }, Unmanaged.passUnretained(other).toOpaque())
        #expect(try anchor.keepsLog(with: snapshot))
        sqlite3_trace_v2(anchor.handle, 0, nil, nil)
        // The anchor reads the former value.
        #expect(try anchor.integer("SELECT value FROM entries") == 1)
        try expectKept(by: anchor, snapshot)
    }

    @Test(
        "a read does not keep a log that is wholly copied, cut off or begun anew",
        arguments: [SQLITE_CHECKPOINT_PASSIVE, SQLITE_CHECKPOINT_RESTART, SQLITE_CHECKPOINT_TRUNCATE])
    func copied(mode: Int32) throws {
        let (copier, anchor, other) = (try connect(), try connect(), try connect())
        let snapshot = try snapshot(anchor)
        try other.execute("UPDATE entries SET value = 1")
        #expect(checkpoint(copier, mode) == SQLITE_OK)
        #expect(try !anchor.keepsLog(with: snapshot))
        // No read is left open.
        #expect(checkpoint(copier, SQLITE_CHECKPOINT_TRUNCATE) == SQLITE_OK)
        try other.execute("UPDATE entries SET value = 2")
        #expect(try anchor.keepsLog(with: snapshot))
    }

    @Test("a read keeps the log also if the index was made anew from it, as after a crash")
    func recovered() throws {
        let kept = folder("kept.db")
        do {
            let writer = try connect()
            try writer.execute("UPDATE entries SET value = 1")
            try FileManager.default.copyItem(atPath: path, toPath: kept)
            try FileManager.default.copyItem(atPath: path + "-wal", toPath: kept + "-wal")
        }
        let anchor = try Connection(
            path: kept, access: .readWrite, busyPolicy: BusyPolicy(stop: StopFlag(), timeout: 0))
        #expect(try anchor.keepsLog(with: snapshot(anchor)))
        #expect(try anchor.integer("SELECT value FROM entries") == 1)
    }

    @Test("a read in memory keeps no log")
    func inMemory() throws {
        let connection = try Connection(
            path: "", access: .memory, busyPolicy: BusyPolicy(stop: StopFlag(), timeout: 0))
        try connection.execute("CREATE TABLE t (a)")
        let snapshot = try snapshot(connection)
        #expect(LogIndex(connection) == nil)
        #expect(try !connection.keepsLog(with: snapshot))
    }

    @Test("a read keeps the log while others write, copy and begin it anew at full speed")
    func beside() throws {
        let (anchor, writer, copier) = (try connect(patience: 1000), try connect(patience: 1000), try connect())
        let done = Counter()
        let (certain, uncertain, changed) = (Counter(), Counter(), Counter())
        onThreads(3) { thread in
            switch thread {
            case 0: while done.value == 0 { try? writer.execute("UPDATE entries SET value = 1 WHERE key = 'kept:1'") }
            case 1:
                while done.value == 0 {
                    _ = checkpoint(copier, SQLITE_CHECKPOINT_PASSIVE)
                    _ = checkpoint(copier, SQLITE_CHECKPOINT_RESTART)
                }
            default:
                defer { done.add(1) }
                guard let snapshot = try? snapshot(anchor) else { return }
                for _ in 0..<100_000 where certain.value < 2000 || uncertain.value == 0 {
                    guard (try? anchor.keepsLog(with: snapshot)) ?? false else {
                        uncertain.add(1)
                        continue
                    }
                    certain.add(1)
                    let held = try? salts(anchor)
                    for _ in 0..<100 where (try? salts(anchor)) != held { changed.add(1) }
                    snapshot.reset()
                }
            }
        }
        #expect(changed.value == 0)
        #expect(certain.value > 100)
        #expect(uncertain.value > 0)
    }
}

@Suite("A checkpoint", .hangLimit) struct UnseenCheckpointTests {
    private func checkpoint(_ store: TTLStore) throws -> Checkpointer.Outcome? {
        try store.engine.writing?.checkpointer?.run(truncating: false)
    }

    private func connect(_ path: String) throws -> Connection {
        let connection = try Connection(
            path: path, access: .readWrite, busyPolicy: BusyPolicy(stop: StopFlag(), timeout: 1000))
        try connection.execute("PRAGMA wal_autocheckpoint = 0")
        return connection
    }

    @Test(
        "a checkpoint changes no data that others see, whether the log is copied already or not",
        arguments: [false, true])
    func unseen(isCopied: Bool) throws {
        let opened = try Setting.inFile.open()
        let other = try connect(opened.path)
        let version = try DataVersion(other)
        for round in 0..<20 {
            for number in 0..<10 { try opened.store.set("\(round):\(number)", "v") }
            _ = try other.integer("SELECT count(*) FROM entries")
            if isCopied {
                let code = sqlite3_wal_checkpoint_v2(other.handle, "main", SQLITE_CHECKPOINT_PASSIVE, nil, nil)
                #expect(code == SQLITE_OK)
            }
            let before = try version.read()
            #expect(try checkpoint(opened.store) == .complete)
            #expect(try version.read() == before)
        }
        #expect(try other.integer("SELECT count(*) FROM leases") == 0)
        opened.store.close()
    }

    @Test("a checkpoint beside a reader of a copied log changes nothing, however often it is tried")
    func beside() throws {
        let opened = try Setting.inFile.open()
        try opened.store.set("k", "v")
        let (other, looking) = (try connect(opened.path), try connect(opened.path))
        try other.execute("BEGIN; SELECT 1 FROM entries")
        let version = try DataVersion(looking)
        let before = try version.read()
        for _ in 0..<5 { #expect(try checkpoint(opened.store) == .incomplete) }
        #expect(try version.read() == before)
        try other.execute("COMMIT")
        #expect(try checkpoint(opened.store) == .complete)
        opened.store.close()
    }
}
