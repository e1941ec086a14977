import Foundation
import TTLTestSupport
import Testing

@testable import TTLStore

@Suite("The holder of a lock", .hangLimit) struct LockHolderTests {
    private let folder: TemporaryFolder
    private let path: String

    init() throws {
        folder = try TemporaryFolder()
        path = folder("store.db")
        try TTLStore(path: path).close()
    }

    private func store() throws -> TTLStore {
        var configuration = TTLStore.Configuration()
        configuration.busyTimeout = .milliseconds(100)
        configuration.purging = .manual
        return try TTLStore(path: path, configuration: configuration)
    }

    private static let isListed = FileManager.default.isReadableFile(atPath: "/proc/locks")

    @Test(
        "the holder of a lock is named with its number, its program, and whether it is stopped", .enabled(if: isListed))
    func process() throws {
        let store = try store()
        let holder = try otherProcess("hold", path)
        #expect(holder.readLine() == "held")
        let who = "it is process \(holder.identifier) (TTLTestProcess)"
        let error = expectFailure(.busy) { try store.set("k", "v") }
        #expect(error?.message.hasSuffix("holds the lock; \(who)") == true, "\(error?.message ?? "")")
        holder.kill(SIGSTOP)
        #expect(
            eventually {
                let error = expectFailure(.busy) { try store.set("k", "v") }
                return error?.message.hasSuffix("\(who), which is stopped") == true
            })
        expectNamed(holder) { try store.transaction { try $0.set("k", "v") } }
        expectNamed(holder) { try store.vacuum() }
        holder.kill(SIGKILL)
        holder.wait()
        #expect(try store.set("k", "v") == .stored)
        store.close()
    }

    private func expectNamed<Success>(_ holder: ChildProcess, _ body: () throws -> Success) {
        let error = expectFailure(.busy) { () throws in try body() }
        #expect(error?.message.contains("process \(holder.identifier)") == true, "\(error?.message ?? "")")
    }

    @Test("the holder of a lock is named if it was stopped in the middle of a purge", .enabled(if: isListed))
    func purge() throws {
        try makeBacklog(path, dead: 200_000)
        let store = try store()
        let purger = try otherProcess("purge", path)
        #expect(purger.readLine() != nil)
        // Between two batches the lock is free.
        let error = eventuallyError {
            purger.kill(SIGSTOP)
            do throws(TTLStoreError) { try store.set("k", "v") } catch { return error }
            purger.kill(SIGCONT)
            return nil
        }
        #expect(error?.code == .busy)
        #expect(
            error?.message.contains("process \(purger.identifier) (TTLTestProcess), which is stopped") == true,
            "\(error?.message ?? "")")
        purger.kill(SIGKILL)
        purger.wait()
        #expect(try store.set("k", "v") == .stored)
        store.close()
    }

    private func eventuallyError(_ body: () -> TTLStoreError?) -> TTLStoreError? {
        var error: TTLStoreError?
        _ = eventually {
            error = body()
            return error != nil
        }
        return error
    }

    @Test("the holder of a lock on the whole file is named on opening", .enabled(if: isListed))
    func opening() throws {
        let holder = try otherProcess("plain", path)
        #expect(holder.readLine() == "ready")
        #expect(holder.ask("PRAGMA locking_mode = EXCLUSIVE; BEGIN IMMEDIATE") == "0")
        expectNamed(holder) { try self.store() }
    }

    @Test("the holder of a lock is this process if another store of it has the lock", .enabled(if: isListed))
    func ownProcess() throws {
        let one = try store()
        let two = try store()
        onThreads(1) { _ in
            #expect(throws: Never.self) {
                try one.transaction { _ in
                    onThreads(1) { _ in
                        let error = expectFailure(.busy) { try two.set("k", "v") }
                        #expect(error?.message.hasSuffix("it is in this process") == true, "\(error?.message ?? "")")
                    }
                }
            }
        }
        one.close()
        two.close()
    }

    @Test("the holder of a lock is read from the lease on a backlog if the system doesn't report it")
    func lease() throws {
        let store = try store()
        let holder = try otherProcess("plain", path)
        func guess(_ owner: String) throws -> LockHolder? {
            try store.engine.write("test") { writer in
                try writer.connection.execute(
                    """
                    INSERT OR REPLACE INTO leases (kind, name, owner, expires_at)
                    VALUES ('store', 'expirer', '\(owner)', 1700000000000)
                    """)
            }
            return store.engine.writing.flatMap { LockHolder.purger($0.queue.writer.connection) }
        }
        #expect(holder.readLine() == "ready")
        let owner = "process \(holder.identifier), 1a2b"
        #expect(try guess(owner) == .purger(holder.identifier))
        for owner in ["process 0, 1a", "process -4, 1a", "process \(getpid()), 1a", "process 99999999999, 1", "x"] {
            #expect(try guess(owner) == nil, "\(owner)")
        }
        holder.kill(SIGKILL)
        holder.wait()
        #expect(try guess(owner) == nil, "the process has ended")
        store.close()
    }

    @Test("only a well-formed line of the system's list of locks is read")
    func lines() {
        let lock = ListedLock("12: POSIX  ADVISORY  WRITE 4711 fe:0a:5309438 120 121")
        #expect(lock?.process == 4711)
        #expect(lock?.device == 0xfe << 32 | 0x0a)
        #expect(lock?.inode == 5_309_438)
        #expect(lock?.first == 120 && lock?.last == 121)
        #expect(ListedLock("1: POSIX  ADVISORY  WRITE 4711 fe:00:9 0 EOF")?.last == .max)
        for line in [
            "", "1:", "1: POSIX  ADVISORY  READ 4711 fe:00:9 120 120",
            "1: -> POSIX  ADVISORY  WRITE 4711 fe:00:9 120 120",
            "1: FLOCK  ADVISORY  WRITE 4711 fe:00:9 0 EOF", "1: OFDLCK ADVISORY  WRITE -1 fe:00:9 120 120",
            "1: POSIX  ADVISORY  WRITE 0 fe:00:9 120 120", "1: POSIX  ADVISORY  WRITE 4711 fe:00 120 120",
            "1: POSIX  ADVISORY  WRITE 4711 fe:00:9 -1 120", "1: POSIX  ADVISORY  WRITE 99999999999 fe:00:9 1 2",
        ] { #expect(ListedLock(line) == nil, "\(line)") }
        #expect(ListedLock.name("4711 (a (b) c) T 1 2") == "a (b) c")
        #expect(ListedLock.isStopped("4711 (a) S b) T 1 2"))
        #expect(!ListedLock.isStopped("4711 (T) S 1 2"))
        #expect(ListedLock.name(nil) == nil && ListedLock.name(")(") == nil && !ListedLock.isStopped(""))
    }

    @Test("a lock holder's name can't break the message")
    func names() {
        let name = "a\nb\u{1b}[31m" + String(repeating: "x", count: 100)
        let text = LockHolder.process(1, name: name, isStopped: false).text
        #expect(!text.contains("\n") && !text.contains("\u{1b}") && text.count < 80)
    }
}
