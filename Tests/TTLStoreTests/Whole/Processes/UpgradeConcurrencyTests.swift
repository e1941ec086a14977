import Foundation
import TTLStore
import TTLTestSupport
import Testing

@Suite("A file of schema 1 that is upgraded under load", .serialized, .hangLimit) struct UpgradeConcurrencyTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test("eight processes race to upgrade it while programs of the old schema write, and no write is lost")
    func racing() throws {
        let openers = try (0..<8).map { try otherProcess("race", "process\($0)", "2") }
        for opener in openers { #expect(opener.readLine() == "ready") }
        for round in 0..<6 {
            let path = folder("store\(round).db")
            try FirstSchema.make(path, "PRAGMA journal_mode = WAL;")
            let writers = try (0..<2).map { try otherProcess("write-plainly", path, "round\(round):\($0)") }
            let (written, ended) = (Collected<String>(), Counter())
            onThreads(3) { thread in
                if thread < 2 {
                    while let key = writers[thread].readLine() { written.append(key) }
                    return
                }
                defer { for writer in writers { writer.closeInput() } }
                #expect(eventually { written.all.count > 50 })
                for opener in openers { opener.send(path + "\n") }
                for opener in openers where opener.readLine() == "done" { ended.add() }
                // Their statements were prepared for the old schema.
                let count = written.all.count
                #expect(eventually { written.all.count > count + 50 })
            }
            #expect(ended.value == 8)
            for writer in writers { #expect(writer.wait() == 0, "\(writer.readErrors())") }
            #expect(try FirstSchema.state(path) == "2 3")
            let store = try TTLStore(path: path)
            let kept = Set(try written.all.filter { try store.contains($0) })
            #expect(kept.count == written.all.count && kept.count == Set(written.all).count)
            #expect(try store.count() == 100 + kept.count + 8 * 2)
            #expect(try store.check().isHealthy)
            store.close()
            try expectIntact(path)
        }
        for opener in openers { opener.closeInput() }
    }

    @Test("a process killed while it upgrades the file leaves schema 1 or 2, and all rows")
    func killed() throws {
        try FirstSchema.make(folder("first.db"))
        let contents = try FirstSchema.contents(folder("first.db"))
        // Kept near the moment of the commit, whatever the machine's speed.
        var delay = 4000.0
        var states: [String: Int] = ["1 0": 0, "2 3": 0]
        for round in 0..<60 {
            let path = folder("store\(round).db")
            try FileManager.default.copyItem(atPath: folder("first.db"), toPath: path)
            let opener = try otherProcess("race", "killed", "2")
            #expect(opener.readLine() == "ready")
            opener.send(path + "\n")
            usleep(UInt32(delay))
            opener.kill(SIGKILL)
            opener.wait()
            let state = try FirstSchema.state(path)
            states[state, default: 0] += 1
            delay = min(delay * (state == "1 0" ? 1.2 : 0.8), 500_000)
            let store = try TTLStore(path: path)
            #expect(try store.check().isHealthy)
            store.close()
            try shell(path, "DELETE FROM entries WHERE key LIKE 'killed:%';")
            #expect(try FirstSchema.state(path) == "2 3")
            #expect(try FirstSchema.contents(path) == contents)
        }
        #expect(states.count == 2 && states.values.allSatisfy { $0 > 0 }, "\(states)")
    }
}
