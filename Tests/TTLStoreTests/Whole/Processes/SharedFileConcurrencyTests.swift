import Foundation
import TTLTestSupport
import Testing

@testable import TTLStore

@Suite("Processes and threads that share a file", .serialized, .hangLimit)
struct SharedFileConcurrencyTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test("eight processes that write, read, extend and purge meet no error, and nothing is lost")
    func hammering() throws {
        let path = folder("store.db")
        let (processes, threads, count) = (8, 3, 150)
        let children = try (0..<processes).map {
            try otherProcess("hammer", path, "process\($0)", "\(threads)", "\(count)")
        }
        for child in children {
            #expect(child.readLines() == ["done"])
            #expect(child.wait() == 0)
        }
        let store = try TTLStore(path: path)
        for process in 0..<processes {
            for thread in 0..<threads {
                #expect(try store.count(.prefix("process\(process):\(thread):kept:")) == count)
            }
        }
        // The other entries expire within a moment, and are purged.
        #expect(try eventually { try store.count() == processes * threads * count })
        #expect(try eventually { try store.statistics().expiredEntries == 0 })
        store.close()
        try expectIntact(path)
    }

    @Test("processes and threads that race to create a file all succeed, and it is private")
    func creating() throws {
        let children = try (0..<8).map { try otherProcess("race", "process\($0)", "3") }
        for child in children { #expect(child.readLine() == "ready") }
        for round in 0..<10 {
            let path = folder("missing\(round)/folders/store.db")
            for child in children { child.send(path + "\n") }
            for child in children { #expect(child.readLine() == "done") }
            let store = try TTLStore(path: path)
            #expect(try store.count() == 8 * 3)
            for file in [path, path + "-wal", path + "-shm"] {
                #expect(try mode(file) == 0o600, "\(file)")
            }
            store.close()
            #expect(try mode(folder("missing\(round)")) == 0o700)
            #expect(try mode(folder("missing\(round)/folders")) == 0o700)
            let migrations = try ChildProcess.sqlite3(path, "SELECT count(*) FROM migrations; PRAGMA auto_vacuum")
            #expect(migrations.text == "2\n2\n")
            try expectIntact(path)
        }
        for child in children { child.closeInput() }
    }

    @Test("processes that race to bring a file up to date all succeed")
    func migrating() throws {
        let schema = packageFolder.appendingPathComponent("Migrations/M0001_entries.sql")
        let sql = try String(contentsOf: schema, encoding: .utf8)
        let children = try (0..<4).map { try otherProcess("race", "process\($0)", "2") }
        for child in children { #expect(child.readLine() == "ready") }
        for round in 0..<12 {
            let path = folder("store\(round).db")
            if round % 2 == 0 {
                #expect(FileManager.default.createFile(atPath: path, contents: nil))
            } else {
                #expect(try ChildProcess.sqlite3(path, sql).status == 0)
            }
            for child in children { child.send(path + "\n") }
            for child in children { #expect(child.readLine() == "done") }
            let answer = try ChildProcess.sqlite3(
                path, "SELECT count(*) FROM migrations; PRAGMA journal_mode; SELECT count(*) FROM entries")
            #expect(answer.text == "2\nwal\n8\n")
            try expectIntact(path)
        }
        for child in children { child.closeInput() }
    }

    @Test("two handles in one process see each other's changes at once")
    func twoHandles() throws {
        let one = try TTLStore(path: folder("store.db"))
        let two = try TTLStore(path: folder("store.db"))
        onThreads(4) { thread in
            do throws(TTLStoreError) {
                let (writer, reader) = thread % 2 == 0 ? (one, two) : (two, one)
                for number in 0..<200 {
                    try writer.set("\(thread):\(number)", "\(number)")
                    #expect(try reader.get("\(thread):\(number)") == "\(number)")
                    if number % 3 == 0 { #expect(try reader.remove("\(thread):\(number)")) }
                    #expect(try writer.contains("\(thread):\(number)") == (number % 3 != 0))
                }
            } catch { Issue.record("\(error)") }
        }
        #expect(try one.count() == two.count())
        one.close()
        #expect(try two.get("0:199") == "199")
        #expect(try two.set("key", "value") == .stored)
        two.close()
        try expectIntact(folder("store.db"))
    }

    @Test("a handle keeps its locks while another handle of the process comes and goes")
    func locksStay() throws {
        let path = folder("store.db")
        let store = try TTLStore(path: path)
        try store.set("key", "value")
        let answer = try store.engine.write("write") { writer in
            // The write lock is held. Another handle opens, reads, looks at the file from all sides, and closes.
            let other = try TTLStore(path: path)
            _ = try other.get("key") as String?
            _ = try other.statistics()
            other.close()
            return try otherProcess("try", path).readLine()
        }
        #expect(answer == "busy")
        store.close()
    }

    @Test("processes that purge never delete an entry that one of them extends")
    func purgeAgainstExtend() throws {
        let path = folder("store.db")
        let count = 1500
        // In a round all entries may be extended in time, or none, if one process is slow to begin.
        var (total, rounds, lead) = (0, 0, 10)
        while rounds < 4 || (rounds < 40 && !(1..<count * rounds).contains(total)) {
            let store = try TTLStore(path: path)
            let extender = try otherProcess("extend", path, "\(count)")
            #expect(extender.readLine() == "ready")
            // They expire in a row while the other process extends them in the same order.
            for number in 0..<count {
                try store.set(
                    "session:\(number)", "x", expiring: .after(.milliseconds(Int64(lead + number / 10))))
            }
            extender.send("\n")
            var extended = Set<String>()
            while let key = extender.readLine() { extended.insert(key) }
            #expect(extender.wait() == 0)
            for key in extended { #expect(try store.contains(key), "\(key) was extended in round \(rounds)") }
            #expect(try store.count(.prefix("session:")) == extended.count)
            total += extended.count
            rounds += 1
            lead = extended.isEmpty ? lead * 2 : extended.count == count ? lead / 2 : lead + 10
            try store.removeAll(.prefix(""))
            store.close()
        }
        #expect((1..<count * rounds).contains(total), "some come in time and some too late")
    }

    private func mode(_ path: String) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        return (attributes[.posixPermissions] as? NSNumber)?.intValue ?? -1
    }
}
