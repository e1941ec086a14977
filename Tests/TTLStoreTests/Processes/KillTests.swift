import TTLTestSupport
import Testing

@testable import TTLStore

@Suite("A process that is killed", .serialized) struct KillTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test("loses no acknowledged write while it writes, purges and checkpoints")
    func writing() throws {
        let path = folder("store.db")
        for round in 0..<15 {
            // Values large enough for a checkpoint every few hundred writes.
            let child = try otherProcess("write", path, "run\(round)", "20000")
            let keys = child.killed(after: .random(in: 0...120_000))
            #expect(!keys.isEmpty)
            let store = try TTLStore(path: path)
            for key in keys { #expect(try store.contains(key), "\(key) of round \(round)") }
            store.close()
        }
        try expectIntact(path)
    }

    @Test("loses no live entry while it purges, and keeps what it has reported as deleted")
    func purging() throws {
        for round in 0..<8 {
            let path = folder("store\(round).db")
            try makeBacklog(path, dead: 20_000, kept: 500)
            let counts = try otherProcess("purge", path).killed(after: .random(in: 0...60_000))
            var configuration = TTLStore.Configuration()
            configuration.purging = .manual
            let store = try TTLStore(path: path, configuration: configuration)
            #expect(try store.count(prefix: "kept:") == 500)
            let reported = counts.compactMap(Int.init).reduce(0, +)
            let rest = try store.statistics().expiredEntries
            #expect(reported > 0 && rest <= 20_000 - reported, "\(reported) reported, \(rest) left")
            #expect(try store.purgeExpired() == rest)
            store.close()
            try expectIntact(path)
        }
    }

    @Test("loses no acknowledged write while it opens and closes")
    func closing() throws {
        let path = folder("store.db")
        for round in 0..<15 {
            let keys = try otherProcess("reopen", path, "run\(round)").killed(after: .random(in: 0...40_000))
            #expect(!keys.isEmpty)
            let store = try TTLStore(path: path)
            for key in keys { #expect(try store.contains(key), "\(key) of round \(round)") }
            store.close()
        }
        try expectIntact(path)
    }

    @Test("leaves a new file that the next open completes")
    func creating() throws {
        for round in 0..<15 {
            let names = try otherProcess("create", folder.path, "run\(round)").killed(after: .random(in: 0...30_000))
            // The one after the last that was printed is the one whose creation was cut off.
            for number in 0...names.count {
                let name = "run\(round)-\(number)"
                let store = try TTLStore(path: folder(name + ".db"))
                #expect(try store.get("key") == name || number == names.count)
                try store.set("key", "again")
                #expect(try store.statistics().schemaVersion == 1)
                store.close()
            }
            if let last = names.indices.last { try expectIntact(folder("run\(round)-\(last).db")) }
            try expectIntact(folder("run\(round)-\(names.count).db"))
        }
    }
}
