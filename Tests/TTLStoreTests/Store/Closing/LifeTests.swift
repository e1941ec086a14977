import Foundation
import TTLTestSupport
import Testing

@testable import TTLStore

@Suite("In the life of a process", .hangLimit) struct LifeTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test(
        "a thousand stores leave no thread and no descriptor", .enabled(if: Census.isAvailable),
        arguments: ["close", "drop"])
    func census(end: String) throws {
        let child = try otherProcess("cycle", folder.path, "1000", end)
        let before = try #require(child.readLine())
        #expect(child.readLine() == before)
        #expect(child.wait() == 0)
    }

    @Test("an exit without close hangs nowhere and loses nothing")
    func exitWithoutClose() throws {
        for _ in 0..<5 {
            let child = try otherProcess("leave", folder("store.db"))
            #expect(child.readLine() == "stored")
            #expect(child.wait() == 0)
        }
        let store = try TTLStore(path: folder("store.db"))
        #expect(try store.get("key") == "value")
        #expect(try store.count() == 1)
        store.close()
        try expectIntact(folder("store.db"))
    }

    @Test("a signal without close hangs nowhere and loses nothing", arguments: [SIGTERM, SIGINT, SIGHUP])
    func signal(number: Int32) throws {
        let child = try otherProcess("linger", folder("store.db"))
        #expect(child.readLine() == "stored")
        child.kill(number)
        #expect(child.wait() == -number)
        let store = try TTLStore(path: folder("store.db"))
        #expect(try store.get("key") == "value")
        store.close()
        try expectIntact(folder("store.db"))
    }

    @Test(
        "the program's crash handler runs for a crash of a callback on the store's thread",
        arguments: ["trap", "fault"] + [SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGABRT, SIGSYS].map(String.init))
    func crashHandler(crash: String) throws {
        let child = try otherProcess("crash", folder("store.db"), crash)
        #expect(child.readLine() == "handled")
        #expect(child.wait() == 3)
    }

    @Test(
        "a forked child is refused, may open a store of its own, and harms nothing", arguments: ["automatic", "manual"])
    func fork(purging: String) throws {
        let path = folder("store.db")
        let child = try otherProcess("fork", path, purging)
        #expect(
            String(decoding: child.readAll(), as: UTF8.self) == """
                child set: forked
                child get: forked
                child purge: forked
                child statistics: forked
                child open: forked
                child read-only: forked
                child elsewhere: no error
                child exited with 0
                parent finds after before
                later child open: no error

                """, "\(child.readErrors())")
        #expect(child.wait() == 0)
        let store = try TTLStore(path: path)
        #expect(try store.get("before") == "parent")
        #expect(try store.keys().elements == ["after", "before"])
        store.close()
        try expectIntact(path)
    }
}
