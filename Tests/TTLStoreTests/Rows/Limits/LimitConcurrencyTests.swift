import TTLTestSupport
import Testing

@testable import TTLStore

@Suite("Limits under many writers", .hangLimit) struct LimitConcurrencyTests {
    @Test("limits hold under many writers, and the count in memory agrees with the file")
    func threads() throws {
        let opened = try Setting.inFile.open {
            $0.purging = .automatic
            $0.maximumEntries = 500
        }
        let store = opened.store
        onThreads(4) { thread in
            for number in 0..<500 {
                let key = "\(thread):\(number % 300)"
                if number % 7 == 0 { _ = try? store.remove(key) }
                _ = try? store.set(key, "v", expiring: number % 2 == 0 ? .after(.seconds(60)) : .never)
            }
        }
        #expect(try eventually { try store.count() <= 500 })
        #expect(
            try eventually {
                try store.engine.sizeGauge?.size.entries
                    == store.engine.read("test") { Int(try $0.connection.integer("SELECT count(*) FROM entries") ?? 0) }
            })
        #expect(try store.count() > 450)
        #expect(try store.statistics().failures == 0)
    }

    @Test("limits hold for two stores on one path, which do not evict the same excess twice")
    func twoStores() throws {
        let opened = try Setting.inFile.open {
            $0.purging = .automatic
            $0.maximumEntries = 500
        }
        let other = try TTLStore(path: opened.path, configuration: opened.store.configuration)
        let stores = [opened.store, other]
        onThreads(2) { thread in
            for number in 0..<1000 { _ = try? stores[thread].set("\(thread):\(number)", "v") }
        }
        // Each store finds the other one's entries when it counts, before it evicts.
        for store in stores { try store.set("last", "v") }
        #expect(try eventually { try other.count() <= 500 })
        #expect(try other.count() > 350)
        #expect(
            try eventually {
                let evicted = try stores.map { try $0.statistics().evictedEntries }
                return try evicted[0] + evicted[1] + other.count() == 2001
            })
        other.close()
    }

    @Test("limits hold for two stores without threads on one file, which never evict too much")
    func twoStoresWithoutThreads() throws {
        let opened = try Setting.inFile.open { $0.maximumEntries = 500 }
        let second = try TTLStore(path: opened.path, configuration: opened.store.configuration)
        let stores = [opened.store, second]
        let other = try Connection(
            path: opened.path, access: .readWrite, busyPolicy: BusyPolicy(stop: StopFlag(), timeout: 60_000))
        for number in 0..<500 { try stores[0].set("first:\(number)", "v") }
        let done = Counter()
        let seen = Collected<Int>()
        onThreads(3) { thread in
            if thread < 2 {
                for number in 0..<8000 { _ = try? stores[thread].set("\(thread):\(number)", "v") }
                done.add(1)
            } else {
                while done.value < 2 {
                    if let count = try? other.integer("SELECT count(*) FROM entries") { seen.append(Int(count)) }
                }
            }
        }
        #expect(seen.all.min() ?? 0 >= 500)
        #expect(seen.all.max() ?? .max <= 500 + 16)
        second.close()
        opened.store.close()
    }
}
