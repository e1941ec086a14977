import Foundation
import TTLTestSupport
import Testing

@testable import TTLStore

@Suite("A process that is killed", .serialized) struct KillTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// Drawn with the round as a seed. How far the process is by then depends on the machine.
    private func delay(upTo microseconds: Int, round: Int) -> Int {
        var generator = SeededGenerator(seed: UInt64(round))
        return .random(in: 0...microseconds, using: &generator)
    }

    private func openByHand(_ path: String, busyTimeout: Duration = .seconds(5)) throws -> TTLStore {
        var configuration = TTLStore.Configuration()
        configuration.purging = .manual
        configuration.busyTimeout = busyTimeout
        return try TTLStore(path: path, configuration: configuration)
    }

    @Test("a process killed while it writes, purges and checkpoints loses no acknowledged write")
    func writing() throws {
        let path = folder("store.db")
        for round in 0..<15 {
            // Values large enough for a checkpoint every few hundred writes.
            let child = try otherProcess("write", path, "run\(round)", "20000")
            let keys = child.killed(after: delay(upTo: 120_000, round: round))
            #expect(!keys.isEmpty, "round \(round)")
            let store = try TTLStore(path: path)
            for key in keys { #expect(try store.contains(key), "\(key) of round \(round)") }
            store.close()
        }
        try expectIntact(path)
    }

    @Test("a process killed while it purges loses no live entry, and reported deletions stay")
    func purging() throws {
        for round in 0..<8 {
            let path = folder("store\(round).db")
            try makeBacklog(path, dead: 20_000, kept: 500)
            let counts = try otherProcess("purge", path).killed(after: delay(upTo: 60_000, round: round))
            let store = try openByHand(path)
            #expect(try store.count(.prefix("kept:")) == 500, "round \(round)")
            let reported = counts.compactMap(Int.init).reduce(0, +)
            let rest = try store.statistics().expiredEntries
            #expect(reported > 0 && rest <= 20_000 - reported, "\(reported) reported, \(rest) left in round \(round)")
            #expect(try store.purgeExpired() == rest)
            store.close()
            try expectIntact(path)
        }
    }

    @Test("a process killed while it opens and closes loses no acknowledged write")
    func closing() throws {
        let path = folder("store.db")
        for round in 0..<15 {
            let child = try otherProcess("reopen", path, "run\(round)")
            let keys = child.killed(after: delay(upTo: 40_000, round: round))
            #expect(!keys.isEmpty, "round \(round)")
            let store = try TTLStore(path: path)
            for key in keys { #expect(try store.contains(key), "\(key) of round \(round)") }
            store.close()
        }
        try expectIntact(path)
    }

    @Test("a process killed while it creates a file leaves one that the next open completes")
    func creating() throws {
        for round in 0..<15 {
            let child = try otherProcess("create", folder.path, "run\(round)")
            let names = child.killed(after: delay(upTo: 30_000, round: round))
            // The store after the last printed one is the store whose creation was cut off.
            for number in 0...names.count {
                let name = "run\(round)-\(number)"
                let store = try TTLStore(path: folder(name + ".db"))
                #expect(try store.get("key") == name || number == names.count)
                try store.set("key", "again")
                #expect(try store.statistics().schemaVersion == 2)
                store.close()
            }
            if let last = names.indices.last { try expectIntact(folder("run\(round)-\(last).db")) }
            try expectIntact(folder("run\(round)-\(names.count).db"))
        }
    }

    @Test(
        "a process killed in a closure leaves none of its writes, and the lock is free at once",
        arguments: ["transact-forever", "update-forever"])
    func inClosure(command: String) throws {
        let path = folder("store.db")
        let first = try TTLStore(path: path)
        try first.set("key", "before")
        first.close()
        let child = try otherProcess(command, path, "key")
        #expect(child.readLine() == "inside")
        #expect(try otherProcess("try", path).readLine() == "busy")
        if command == "transact-forever" {
            // More than the cache holds, so pages that are not committed are in the log.
            #expect(FileSystem.size(of: path + "-wal") > 1 << 20)
        }
        child.kill(SIGKILL)
        child.wait()
        let store = try openByHand(path, busyTimeout: .zero)
        #expect(try store.entries().elements.map(\.value) == [.text("before")])
        #expect(try store.set("key", "after") == .stored)
        store.close()
        try expectIntact(path)
    }

    @Test(
        "a killed process has stored all fifty entries of a step or none, and all of an acknowledged step",
        arguments: ["transaction", "setAll"])
    func inStep(kind: String) throws {
        let path = folder("store.db")
        for round in 0..<8 {
            let child = try otherProcess("store-fifty", path, "run\(round)", kind)
            let acknowledged = child.killed(after: delay(upTo: 60_000, round: round)).count
            let store = try openByHand(path)
            for number in 0..<acknowledged {
                #expect(try store.count(.prefix("run\(round):\(number):")) == 50, "\(number) of round \(round)")
            }
            // One more may have been committed and not printed.
            let rest = try store.count(.prefix("run\(round):")) - acknowledged * 50
            #expect(acknowledged > 0 && [0, 50].contains(rest), "\(rest) in round \(round)")
            store.close()
        }
        try expectIntact(path)
    }

    @Test("a killed process loses no acknowledged update")
    func updating() throws {
        let path = folder("store.db")
        for round in 0..<8 {
            let child = try otherProcess("append", path, "list\(round)")
            let acknowledged = child.killed(after: delay(upTo: 60_000, round: round)).count
            let store = try openByHand(path)
            let list = try #require(try store.get("list\(round)", as: [Int].self))
            #expect(list == Array(0..<list.count))
            #expect([acknowledged, acknowledged + 1].contains(list.count), "\(acknowledged) in round \(round)")
            store.close()
        }
        try expectIntact(path)
    }
}
