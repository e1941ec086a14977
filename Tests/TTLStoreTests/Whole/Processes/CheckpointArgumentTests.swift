import CTTLSQLite
import Foundation
import TTLTestSupport
import Testing

@testable import TTLStore

/// The properties of SQLite on which `Checkpointer` relies, tested on the SQLite in use. The bytes of `-wal` and `-shm`
/// are read by another process: in this one, closing them would drop SQLite's locks.
@Suite("SQLite's log", .hangLimit) struct CheckpointArgumentTests {
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
        // SQLite opens the log with the first read; before that, a checkpoint does nothing and reports success.
        try connection.execute("PRAGMA wal_autocheckpoint = 0; SELECT 1 FROM entries")
        return connection
    }

    /// In hexadecimal; nil if there is no such file.
    private func bytes(of suffix: String, from offset: Int, count: Int) throws -> String? {
        try otherProcess("bytes", path + suffix, "\(offset)", "\(count)").readLine()
    }

    /// The two random numbers in the log's header, which change whenever the log is begun anew.
    private func salts() throws -> String { try #require(try bytes(of: "-wal", from: 16, count: 8)) }

    /// How many frames have been copied, as all processes see it: `nBackfill` in the wal-index
    /// (https://www.sqlite.org/walformat.html, section 2.2).
    private func copiedFrames() throws -> UInt32 {
        let hex = try #require(try bytes(of: "-shm", from: 96, count: 4))
        return try #require(UInt32(hex, radix: 16)).byteSwapped
    }

    /// The log's length, as all processes see it: `mxFrame`.
    private func frames() throws -> UInt32 {
        let hex = try #require(try bytes(of: "-shm", from: 16, count: 4))
        return try #require(UInt32(hex, radix: 16)).byteSwapped
    }

    private func checkpoint(_ connection: Connection, _ mode: Int32) -> (code: Int32, log: Int32, copied: Int32) {
        var (log, copied): (Int32, Int32) = (0, 0)
        let code = sqlite3_wal_checkpoint_v2(connection.handle, "main", mode, &log, &copied)
        return (code & 0xff, log, copied)
    }

    @Test("the next writer begins a copied log anew, if no connection reads from it")
    func resets() throws {
        let (copier, writer) = (try connect(), try connect())
        try writer.execute("UPDATE entries SET value = 1")
        let before = try salts()
        #expect(checkpoint(copier, SQLITE_CHECKPOINT_PASSIVE).code == SQLITE_OK)
        #expect(try copiedFrames() == frames())
        try writer.execute("UPDATE entries SET value = 2")
        #expect(try salts() != before)
    }

    @Test(
        "a checkpoint that was interrupted without the write lock does not mark the log as copied",
        arguments: [SQLITE_CHECKPOINT_RESTART, SQLITE_CHECKPOINT_TRUNCATE])
    func interrupted(mode: Int32) throws {
        let (copier, writer, reader) = (try connect(patience: 10), try connect(), try connect())
        try writer.execute("UPDATE entries SET value = 1")
        // The reader keeps the log from being begun anew, so that a part of it is copied and a part is not.
        try reader.execute("BEGIN; SELECT 1 FROM entries")
        #expect(checkpoint(copier, SQLITE_CHECKPOINT_PASSIVE).code == SQLITE_OK)
        try writer.execute("UPDATE entries SET value = 2; UPDATE entries SET value = 3")
        try reader.execute("COMMIT")
        let held = try (salts(), copiedFrames())
        #expect(try held.1 > 0 && held.1 < frames())
        try writer.execute("BEGIN IMMEDIATE")
        // Without the interrupt SQLite would go on as in a PASSIVE checkpoint, which must not happen.
        var interrupts = 0
        copier.busyPolicy.onGivingUp = { [unowned copier] in
            interrupts += 1
            copier.interrupt()
        }
        #expect(checkpoint(copier, mode).code == SQLITE_INTERRUPT)
        #expect(interrupts > 0)
        #expect(try copiedFrames() == held.1)
        #expect(try salts() == held.0)
        copier.busyPolicy.onGivingUp = nil
        #expect(checkpoint(copier, mode).code == SQLITE_BUSY)
        #expect(try copiedFrames() == frames(), "without the interrupt it copies all the same")
        try writer.execute("COMMIT")
        #expect(checkpoint(copier, mode).code == SQLITE_OK)
    }

    @Test("several processes copy the log while all of them write, and lose nothing")
    func checkpointsAgainstWriters() throws {
        let children = try (0..<3).map { try otherProcess("write", path, "writer\($0)", "60000") }
        let keys = Guarded<[String]>([])
        onThreads(children.count + 1) { thread in
            if thread < children.count {
                while let key = children[thread].readLine() { keys.withLock { $0.append(key) } }
            } else {
                // A log that was cut off has none.
                var seen: Set<String> = [""]
                #expect(
                    eventually {
                        if let salts = try? bytes(of: "-wal", from: 16, count: 8) { seen.insert(salts) }
                        return seen.count > 5
                    }, "the log was not begun anew")
                for child in children { child.kill(SIGTERM) }
            }
        }
        let store = try TTLStore(path: path)
        for key in keys.withLock(\.self) { #expect(try store.contains(key)) }
        #expect(keys.withLock(\.count) > 100)
        store.close()
        try expectIntact(path)
    }
}
