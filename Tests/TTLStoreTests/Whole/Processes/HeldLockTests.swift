import Foundation
import Synchronization
import TTLTestSupport
import Testing

@testable import TTLStore

@Suite("While another process holds the write lock", .hangLimit) struct HeldLockTests {
    private let folder: TemporaryFolder
    private let path: String

    init() throws {
        folder = try TemporaryFolder()
        path = folder("store.db")
        let store = try TTLStore(path: path)
        try store.set("key", "value")
        store.close()
    }

    private func store(
        busyTimeout: Duration, purging: TTLStore.Configuration.Purging = .automatic
    ) throws -> TTLStore {
        var configuration = TTLStore.Configuration()
        configuration.busyTimeout = busyTimeout
        configuration.purging = purging
        return try TTLStore(path: path, configuration: configuration)
    }

    @Test("writes while another process holds the lock throw busy, reads work, and writes work again afterwards")
    func held() throws {
        let store = try store(busyTimeout: .milliseconds(150))
        let holder = try otherProcess("hold", path)
        #expect(holder.readLine() == "held")
        let error = expectFailure(.busy) { try store.set("key", "other") }
        #expect(error?.operation == "set")
        #expect(try store.get("key") == "value")
        #expect(try store.count() == 1)
        #expect(holder.ask("") == "released")
        #expect(try store.set("key", "other") == .stored)
        store.close()
    }

    @Test("a write waits until another process's lock is free, if its time is not over")
    func waiting() throws {
        let store = try store(busyTimeout: .seconds(3600), purging: .manual)
        let queue = try store.engine.writingQueue("test")
        let holder = try otherProcess("hold", path)
        #expect(holder.readLine() == "held")
        onThreads(2) { thread in
            if thread == 0 {
                #expect(throws: Never.self) { try store.set("key", "other") }
            } else {
                #expect(eventually { queue.isTaken.load(ordering: .relaxed) })
                #expect(holder.ask("") == "released")
            }
        }
        #expect(try store.get("key") == "other")
        store.close()
    }

    @Test("a write with a busy timeout of zero fails at once")
    func noTimeout() throws {
        let store = try store(busyTimeout: .zero)
        let holder = try otherProcess("hold", path)
        #expect(holder.readLine() == "held")
        expectFailure(.busy) { try store.remove("key") }
        #expect(holder.ask("") == "released")
        #expect(try store.remove("key"))
        store.close()
    }

    @Test("a stopped process that holds the lock delays no write for longer than the timeout")
    func stopped() throws {
        let store = try store(busyTimeout: .milliseconds(100))
        let holder = try otherProcess("hold", path)
        #expect(holder.readLine() == "held")
        holder.kill(SIGSTOP)
        expectFailure(.busy) { try store.set("key", "other") }
        expectFailure(.busy) { try store.removeAll(.prefix("")) }
        #expect(try store.get("key") == "value")
        holder.kill(SIGKILL)
        holder.wait()
        #expect(try store.set("key", "other") == .stored)
        store.close()
    }

    @Test("each of several waiting threads gets busy, and none is forgotten")
    func severalThreads() throws {
        let store = try store(busyTimeout: .milliseconds(200))
        let holder = try otherProcess("hold", path)
        #expect(holder.readLine() == "held")
        onThreads(8) { number in expectFailure(.busy) { try store.set("key:\(number)", "x") } }
        #expect(holder.ask("") == "released")
        onThreads(8) { number in #expect(throws: Never.self) { try store.set("key:\(number)", "x") } }
        #expect(try store.count(.prefix("key:")) == 8)
        store.close()
    }

    @Test(
        "close returns while another process holds the lock, and leaves no thread and no descriptor",
        arguments: [false, true])
    func close(isStopped: Bool) throws {
        let closer = try otherProcess("close", path)
        #expect(closer.readLine() == "open 1")
        let holder = try otherProcess("hold", path)
        #expect(holder.readLine() == "held")
        if isStopped { holder.kill(SIGSTOP) }
        #expect(closer.ask("") == "busy")
        // The child's busy timeout is an hour.
        #expect(closer.ask("") == "0 0")
        holder.kill(SIGKILL)
    }

    @Test("waiting writes throw closed when the store is closed, although they may wait for an hour")
    func closeWhileWaiting() throws {
        let store = try store(busyTimeout: .seconds(3600), purging: .manual)
        let queue = try store.engine.writingQueue("test")
        let holder = try otherProcess("hold", path)
        #expect(holder.readLine() == "held")
        onThreads(5) { number in
            if number == 0 {
                // One writer waits for the lock, the others for that writer.
                #expect(eventually { queue.isTaken.load(ordering: .relaxed) && queue.requestsWaiting == 3 })
                store.close()
                #expect(Census.descriptors(below: folder.path) == 0)
            } else {
                expectFailure(.closed) { try store.set("key:\(number)", "x") }
            }
        }
        #expect(holder.ask("") == "released")
        #expect(try ChildProcess.sqlite3(path, "SELECT count(*) FROM entries").text == "1\n")
    }

    @Test("a transaction that began elsewhere after a read never makes a write fail")
    func snapshot() throws {
        // Two handles that read and write in turn would meet SQLITE_BUSY_SNAPSHOT with deferred transactions.
        let one = try store(busyTimeout: .zero, purging: .manual)
        let two = try store(busyTimeout: .zero, purging: .manual)
        for number in 0..<200 {
            let (reader, writer) = number % 2 == 0 ? (one, two) : (two, one)
            #expect(try reader.get("key") != nil)
            try writer.set("key", "\(number)")
            #expect(try reader.set("key", "\(number) again", when: .ifPresent) == .stored)
            #expect(
                try reader.touch("key", expiring: .after(.seconds(60)), when: .ifRemainingLess(than: .seconds(90)))
                    != .absent)
            try reader.persist("key")
        }
        one.close()
        two.close()
    }

    @Test("writers that wait asynchronously leave the cooperative pool to others")
    func cooperativePool() throws {
        let holder = try otherProcess("hold", path)
        #expect(holder.readLine() == "held")
        // In a process of its own, so that no other test uses its pool.
        let child = try otherProcess("tasks", path, "64")
        #expect(child.readLine() == "64 wait, others go on")
        #expect(holder.ask("") == "released")
        #expect(child.readLine() == "64 stored")
        #expect(child.wait() == 0)
    }
}
