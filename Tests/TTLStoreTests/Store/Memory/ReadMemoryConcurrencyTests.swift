import TTLTestSupport
import Testing

@testable import TTLStore

@Suite("The memory of reads and other threads") struct ReadMemoryConcurrencyTests {
    @Test("what a writer has stored is found by every look-up that begins later, on any thread")
    func ownWriters() throws {
        let opened = try Setting.inFile.open { $0.purging = .automatic }
        defer { withExtendedLifetime(opened) {} }
        let store = opened.store
        let keys = (0..<4).map { "key \($0)" }
        for key in keys { try store.set(key, Int64(0)) }
        let stored = Guarded([Int64](repeating: 0, count: 4))
        onThreads(6) { number in
            if number < 2 {
                // Each has two keys.
                for round in 1...Int64(600) {
                    for index in [number, number + 2] {
                        #expect(throws: Never.self) { try store.set(keys[index], round) }
                        stored.withLock { $0[index] = round }
                    }
                }
            } else {
                for round in 0..<6000 {
                    let index = round & 3
                    let known = stored.withLock { $0[index] }
                    let found = (try? store.get(keys[index], as: Int64.self)) ?? -1
                    #expect(found >= known)
                }
            }
        }
        #expect(try store.statistics().memoryAnswers > 0)
    }

    @Test("a number that another process has committed and reported is found by the very next look-up")
    func handOver() throws {
        let opened = try Setting.inFile.open()
        let store = opened.store
        let path = try #require(store.engine.file.path)
        let other = try ChildProcess("TTLTestProcess", ["commit-numbers", path, "key"])
        for round in 1...3000 {
            other.send("\n")
            #expect(other.readLine() == "\(round)")
            #expect(try store.get("key", as: Int.self) == round)
            #expect(try store.get("key", as: Int.self) == round)
        }
        #expect(try store.statistics().memoryAnswers >= 1000)
    }

    @Test("a store closes under readers that find everything in memory")
    func close() throws {
        let folder = try TemporaryFolder()
        for round in 0..<100 {
            let store = try TTLStore(path: folder.path + "/\(round % 5).db")
            try store.set("a", "1")
            let started = Counter()
            onThreads(9) { number in
                if number == 8 {
                    while started.value < 8 {}
                    store.close()
                    return
                }
                started.add()
                while true {
                    do throws(TTLStoreError) {
                        let value = try store.get("a")
                        #expect(value == "1")
                    } catch {
                        #expect(error.code == .closed)
                        return
                    }
                }
            }
        }
    }
}
