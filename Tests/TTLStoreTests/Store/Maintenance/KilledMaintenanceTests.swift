import Foundation
import TTLTestSupport
import Testing

@testable import TTLStore

@Suite("A process that is killed during maintenance", .serialized) struct KilledMaintenanceTests {
    private let large: LargeStore
    private let path: String

    init() throws {
        large = try LargeStore()
        path = large.folder("store.db")
        try large.store.removeAll(.prefix("kept:1"))
    }

    private func kill(_ child: ChildProcess) {
        #expect(child.readLine() == "inside")
        child.kill(SIGKILL)
        child.wait()
    }

    private func names() throws -> [String] {
        try FolderContents.names(large.folder).filter { !$0.hasPrefix("store.db") }
    }

    private func expectUsable(_ entries: [TTLStore.Entry]) throws {
        #expect(try large.store.entries(limit: 30_000).elements == entries)
        #expect(try large.store.set("again", "value") == .stored)
        #expect(try large.store.check().isHealthy)
        try expectIntact(path)
    }

    @Test(
        "a process killed in a backup leaves a temporary file and no copy, and the next backup succeeds",
        arguments: [1, 2, 3])
    func backup(call: Int) throws {
        let entries = try large.store.entries(limit: 30_000).elements
        let copy = large.folder("copy.db")
        kill(try otherProcess("backup-forever", path, copy, "\(call)"))
        let left = try names()
        #expect(left.count == 1 && left.allSatisfy { $0.hasPrefix(".ttl-backup-") }, "\(left)")
        try expectUsable(entries)
        try large.store.backup(to: copy)
        try expectIntact(copy)
        #expect(try names() == left + ["copy.db"])
    }

    @Test("a process killed among many backups leaves whole ones, and no half one under its name")
    func backups() throws {
        let count = try large.store.count()
        for round in 0..<5 {
            let child = try otherProcess("backups", path, large.folder("copy-\(round)"))
            let numbers = child.killed(after: round * 9000).compactMap { Int($0) }
            #expect(numbers == Array(0..<numbers.count) && !numbers.isEmpty)
            let copies = try names().filter { $0.hasPrefix("copy-\(round)-") }
            // One more may have got its name and not been printed.
            #expect([numbers.count, numbers.count + 1].contains(copies.count))
            for copy in copies {
                try expectIntact(large.folder(copy))
                #expect(try shell(large.folder(copy), "SELECT count(*) FROM live;") == "\(count)")
            }
        }
        try expectIntact(path)
    }

    @Test("a process killed in a vacuum leaves the file as it was, and the write lock free", arguments: [1, 2])
    func vacuum(call: Int) throws {
        let entries = try large.store.entries(limit: 30_000).elements
        let size = try large.store.statistics().fileSize
        kill(try otherProcess("vacuum-forever", path, "\(call)"))
        #expect(try names() == [])
        #expect(try large.store.statistics().fileSize == size)
        try expectUsable(entries)
        #expect(try large.store.vacuum() > 0)
        try expectIntact(path)
    }
}
