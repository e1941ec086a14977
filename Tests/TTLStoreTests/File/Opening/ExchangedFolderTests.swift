import CTTLTestFaults
import Foundation
import TTLTestSupport
import Testing

@testable import TTLStore

#if os(Linux)
@Suite("Folders that are exchanged while processes open the stores in them", .hangLimit) struct ExchangedFolderTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        for name in ["a", "b"] {
            try FileManager.default.createDirectory(atPath: folder(name), withIntermediateDirectories: false)
            let store = try TTLStore(path: folder(name + "/store.db"))
            // So that the two files differ in their pages, too.
            for number in 0..<(name == "a" ? 10 : 2000) { try store.set("\(name):\(number)", "of \(name)") }
            store.close()
        }
    }

    /// - Parameters:
    ///   - count: how many entries a process stores before it closes the store.
    ///   - pause: the longest pause between two exchanges, in microseconds.
    @Test(
        "exchanging folders loses no acknowledged write and damages neither file", arguments: [1, 20],
        [300, 3000, 30_000])
    func exchange(count: Int, pause: Int) throws {
        try #require(ttl_exchange_names(folder("a"), folder("b")) == 0)
        let children = try (0..<4).map {
            try otherProcess("reopen-anyway", folder("a/store.db"), "process:\($0)", "\(count)")
        }
        let (lines, written) = (children.map { _ in Collected<String>() }, Counter())
        onThreads(children.count + 1) { thread in
            guard thread == children.count else {
                while let line = children[thread].readLine() {
                    lines[thread].append(line)
                    if !line.hasPrefix("!") { written.add() }
                }
                return
            }
            var generator = SeededGenerator(seed: UInt64(count * pause))
            let deadline = Date.now + 60
            var exchanges = 0
            while exchanges < 200 || written.value < 300, .now < deadline {
                exchanges += 1
                #expect(ttl_exchange_names(folder("a"), folder("b")) == 0)
                usleep(.random(in: 0...UInt32(pause), using: &generator))
            }
            for child in children { child.kill(SIGKILL) }
        }
        for child in children { child.wait() }
        let all = lines.flatMap(\.all)
        let failures = Set(all.filter { $0.hasPrefix("!") })
        #expect(failures.allSatisfy { $0.hasPrefix("!fileReplaced") }, "\(failures)")
        var kept: Set<String> = []
        for name in ["a", "b"] {
            try expectIntact(folder(name + "/store.db"))
            let store = try TTLStore(path: folder(name + "/store.db"))
            kept.formUnion(try store.keys(limit: 100_000).elements)
            store.close()
        }
        let lost = Set(all.filter { !$0.hasPrefix("!") }).subtracting(kept)
        #expect(lost.isEmpty, "\(lost.count) of \(all.count)")
    }
}
#endif
