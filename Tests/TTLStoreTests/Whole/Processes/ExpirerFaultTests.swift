import Foundation
import TTLTestSupport
import Testing

@testable import TTLStore

@Suite("The expirer survives") struct ExpirerFaultTests {
    private let folder: TemporaryFolder
    private let path: String
    private let clock = ManualClock()

    init() throws {
        folder = try TemporaryFolder()
        path = folder("store.db")
    }

    private func open(_ adjust: (inout TTLStore.Configuration) -> Void = { _ in }) throws -> TTLStore {
        var configuration = TTLStore.Configuration()
        configuration.clock = clock.wallClock
        adjust(&configuration)
        return try TTLStore(path: path, configuration: configuration)
    }

    @Test("the expirer reports a lock that another process holds, and purges when it is free")
    func busy() throws {
        let reports = Counter()
        let store = try open {
            $0.onExpirerActivity = { activity in
                if case .failed(let error) = activity, error.code == .busy { reports.add() }
            }
        }
        try store.set("key", "value", expiring: .after(.seconds(60)))
        let holder = try otherProcess("hold", path)
        #expect(holder.readLine() == "held")
        clock.advance(by: .seconds(60))
        store.engine.wakeExpirer()
        #expect(try eventually { try store.statistics().lastError?.code == .busy })
        #expect(eventually { reports.value > 0 })
        #expect(try store.get("key") as String? == nil)
        #expect(try store.statistics().expiredEntries == 1)
        #expect(holder.ask("") == "released")
        #expect(try eventually { try store.statistics().purgedEntries == 1 })
        // The last error stays visible.
        #expect(try store.statistics().lastError?.code == .busy)
        store.close()
    }

    @Test("the expirer of a file that may not grow frees space by a purge, and reads work")
    func full() throws {
        let store = try open { $0.purging = .manual }
        for number in 0..<200 {
            try store.set("due:\(number)", String(repeating: "x", count: 2000), expiring: .after(.seconds(60)))
        }
        let pages = try #require(try store.engine.write("pages") { try $0.connection.integer("PRAGMA page_count") })
        try store.engine.write("limit") { try $0.connection.execute("PRAGMA max_page_count = \(pages)") }
        expectFailure(.diskFull) { try store.set("large", String(repeating: "x", count: 100_000)) }
        #expect(try store.count() == 200)
        #expect(try store.get("large") as String? == nil)
        clock.advance(by: .seconds(60))
        #expect(try store.purgeExpired() == 200)
        #expect(try store.set("large", String(repeating: "x", count: 100_000)) == .stored)
        store.close()
        try expectIntact(path)
    }

    @Test("writers that share a commit on a full disk each get their own result")
    func fullGroup() throws {
        let store = try open()
        try store.set("first", "value")
        let pages = try #require(try store.engine.write("pages") { try $0.connection.integer("PRAGMA page_count") })
        try store.engine.write("limit") { try $0.connection.execute("PRAGMA max_page_count = \(pages + 3)") }
        let (stored, failed) = (Counter(), Counter())
        onThreads(8) { thread in
            // Half of the writers need more space than there is, the others next to none.
            let isLarge = thread % 2 == 0
            do throws(TTLStoreError) {
                for number in 0..<20 {
                    let value = String(repeating: "x", count: isLarge ? 50_000 : 10)
                    try store.set("\(isLarge ? "large" : "small"):\(thread):\(number % 5)", value)
                    stored.add()
                    #expect(!isLarge)
                }
            } catch {
                #expect(isLarge && error.code == .diskFull, "\(error)")
                failed.add()
            }
        }
        #expect(failed.value == 4 && stored.value == 4 * 20)
        #expect(try store.count(.prefix("small:")) == 20)
        #expect(try store.count(.prefix("large:")) == 0)
        store.close()
        try expectIntact(path)
    }

    @Test("the expirer reports a damaged index, and purges when it is mended")
    func corrupt() throws {
        try makeBacklog(path, dead: 10, kept: 10)
        let root = try ChildProcess.sqlite3(
            path, "SELECT rootpage FROM sqlite_schema WHERE name = 'entries_by_expiry'"
        ).text
        let page = try #require(UInt64(root.trimmingCharacters(in: .whitespacesAndNewlines)))
        // No process has the file open, so this one may write to it.
        let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
        try file.seek(toOffset: (page - 1) * 4096)
        let whole = try #require(try file.read(upToCount: 4096))
        try file.seek(toOffset: (page - 1) * 4096)
        try file.write(contentsOf: [UInt8](repeating: 0xff, count: 4096))
        try file.close()
        try whole.write(to: URL(fileURLWithPath: folder("page")))
        let store = try open()
        #expect(eventually { store.engine.activity.snapshot.lastError?.code == .corrupt })
        #expect(try store.count(.prefix("kept:")) == 10)
        #expect(try store.get("kept:3", as: TTLStore.Value.self) != nil)
        #expect(try store.set("kept:3", "value") == .stored)
        expectFailure(.corrupt) { try store.set("other", "value", expiring: .after(.seconds(60))) }
        // From now on only another process may write to it.
        let mending = try ChildProcess.run(
            "/usr/bin/env",
            ["dd", "if=" + folder("page"), "of=" + path, "bs=4096", "seek=\(page - 1)", "conv=notrunc", "status=none"])
        #expect(mending.status == 0, "\(mending.errors)")
        // A commit makes all connections read the page again.
        let edit = "PRAGMA busy_timeout = 10000; UPDATE entries SET value = '' WHERE key = 'kept:4'"
        #expect(try ChildProcess.sqlite3(path, edit).status == 0)
        #expect(eventually { store.engine.activity.snapshot.purgedEntries == 10 })
        #expect(try store.set("other", "value", expiring: .after(.seconds(60))) == .stored)
        store.close()
        try expectIntact(path)
    }

    @Test(
        "the expirer reports failing writes, and purges when they succeed again",
        arguments: [(EIO, "ioError"), (ENOSPC, "diskFull")])
    func failingWrites(number: Int32, code: String) throws {
        let child = try otherProcess("faults", path)
        #expect(child.readLine() == "ready")
        #expect(child.ask("set kept 0") == "stored")
        #expect(child.ask("set brief 200") == "stored")
        #expect(child.ask("fail \(number)") == "failing \(number)")
        #expect(try #require(child.ask("set other 0")).hasPrefix(code))
        #expect(child.ask("get kept") == "value")
        #expect(child.ask("advance 200") == "advanced")
        #expect(child.ask("get brief") == "absent")
        #expect(eventually { child.ask("expirer")?.hasSuffix(code) ?? true })
        #expect(try #require(child.ask("expirer")).hasPrefix("0 "))
        #expect(child.ask("fail 0") == "failing 0")
        #expect(child.ask("set other 0") == "stored")
        #expect(eventually { child.ask("expirer")?.hasPrefix("1 ") ?? true })
        child.closeInput()
        #expect(child.readLine() == "closed")
        #expect(child.wait() == 0)
        let store = try TTLStore(path: path)
        #expect(try store.keys().elements == ["kept", "other"])
        store.close()
        try expectIntact(path)
    }

    @Test("acknowledged writes are kept while writes of the file fail under many threads")
    func failingGroup() throws {
        let child = try otherProcess("faults", path)
        #expect(child.readLine() == "ready")
        var stored = Set<String>()
        for round in 0..<20 {
            if round % 2 == 1 { #expect(child.ask("fail \(EIO)") != nil) }
            child.send("group " + (0..<6).map { "key:\(round):\($0)" }.joined(separator: " ") + "\n")
            while let line = child.readLine(), line != "done" {
                let words = line.split(separator: " ")
                if words[1] == "stored" {
                    stored.insert(String(words[0]))
                } else {
                    #expect(round % 2 == 1 && words[1] == "ioError", "\(line)")
                }
            }
            #expect(child.ask("fail 0") != nil)
        }
        child.kill(SIGKILL)
        child.wait()
        #expect(stored.count >= 60)
        let store = try TTLStore(path: path)
        for key in stored { #expect(try store.contains(key)) }
        store.close()
        try expectIntact(path)
    }
}
