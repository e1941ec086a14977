import Foundation
import TTLTestSupport
import Testing

@testable import TTLStore

@Suite("Get or compute in several processes", .serialized) struct ComputeProcessTests {
    private let folder: TemporaryFolder
    private let path: String

    init() throws {
        folder = try TemporaryFolder()
        path = folder("store.db")
    }

    @Test("eight processes run one closure for each key, and all get its value")
    func once() throws {
        try TTLStore(path: path).close()
        let children = try (0..<8).map { _ in try otherProcess("compute", path, "key", "12") }
        for child in children { #expect(child.readLine() == "ready") }
        for child in children { child.send("\n") }
        var (computed, found): ([String: [String]], [String: [String]]) = ([:], [:])
        for child in children {
            for line in String(decoding: child.readAll(), as: UTF8.self).split(separator: "\n") {
                let words = line.split(separator: " ").map(String.init)
                try #require(words.count == 3, "\(line)")
                if words[0] == "computed" { computed[words[1], default: []].append(words[2]) }
                if words[0] == "found" { found[words[1], default: []].append(words[2]) }
            }
            #expect(child.wait() == 0)
        }
        #expect(computed.count == 12 && found.count == 12)
        for (key, values) in computed {
            #expect(values.count == 1, "\(key)")
            #expect(found[key] == Array(repeating: values[0], count: 16), "\(key)")
        }
        try expectIntact(path)
    }

    @Test("when a computing process is killed, the next one computes when the lease has run out")
    func killed() throws {
        let store = try TTLStore(path: path)
        let child = try otherProcess("compute-forever", path, "k", "250")
        #expect(child.readLine() == "computing")
        child.kill(SIGKILL)
        child.wait()
        let row = try ChildProcess.sqlite3(path, "SELECT expires_at FROM leases WHERE kind = 'compute'")
        let end = try #require(Int64(row.text.dropLast()))
        let begun = Counter()
        let value = try store.getOrCompute("k") {
            begun.add(Int(WallClock.system.now))
            return "next"
        }
        #expect(value == "next")
        #expect(begun.value >= end)
        store.close()
        try expectIntact(path)
    }

    @Test("tasks that wait or compute leave the cooperative pool to others")
    func cooperativePool() throws {
        // In a process of its own, so that no other test uses its pool.
        let child = try otherProcess("compute-tasks", path, "64")
        #expect(child.readLine() == "64 wait, others go on")
        #expect(child.readLine() == "65 found the value of 1")
        #expect(child.wait() == 0)
    }
}
