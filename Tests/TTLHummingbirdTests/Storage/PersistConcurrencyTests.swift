#if Hummingbird
import Foundation
import Hummingbird
import TTLHummingbird
import TTLStore
import TTLTestSupport
import Testing

@Suite("Tasks and drivers at once", .hangLimit) struct PersistConcurrencyTests {
    @Test("of 100 creations of one key at once, through two drivers on one file, one succeeds")
    func creations() async throws {
        let folder = try TemporaryFolder()
        let drivers = [
            try await TTLStorePersistDriver(path: folder("store.db")),
            try await TTLStorePersistDriver(path: folder("store.db")),
        ]
        for round in 0..<10 {
            let results = await withTaskGroup(of: Result<Int, any Error>.self) { group in
                for number in 0..<100 {
                    group.addTask {
                        do {
                            try await drivers[number % 2].create(
                                key: "key", value: number, expires: round.isMultiple(of: 2) ? nil : .seconds(3600))
                            return .success(number)
                        } catch { return .failure(error) }
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            let winners = results.compactMap { try? $0.get() }
            #expect(winners.count == 1)
            for case .failure(let error) in results { #expect(error as? PersistError == .duplicate) }
            for driver in drivers { #expect(try await driver.get(key: "key", as: Int.self) == winners.first) }
            try await drivers[round % 2].remove(key: "key")
        }
        for driver in drivers { await driver.shutdown() }
    }

    @Test("a set that keeps the expiry never loses the time to live of a live value")
    func keeping() async throws {
        let folder = try TemporaryFolder()
        let driver = try await TTLStorePersistDriver(path: folder("store.db"))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<50 {
                group.addTask {
                    for _ in 0..<20 {
                        try await driver.set(key: "key", value: number, expires: .seconds(3600))
                        try await driver.set(key: "key", value: number)
                    }
                }
            }
            try await group.waitForAll()
        }
        let ttl = try #require(await driver.getWithTTL(key: "key", as: Int.self)).ttl
        #expect(ttl ?? .zero > .zero)
        await driver.shutdown()
    }

    /// Uses keys that other tasks use as well.
    private static func use(_ driver: TTLStorePersistDriver, _ number: Int, until end: Date) async throws {
        var round = 0
        while Date() < end {
            round += 1
            let key = "\((number &+ round) % 64)"
            switch (number &+ round) % 5 {
            case 0:
                do {
                    try await driver.create(key: key, value: Named(name: key), expires: .milliseconds(3))
                } catch let error as PersistError where error == .duplicate {}
            case 1: try await driver.set(key: key, value: Named(name: key), expires: .milliseconds(round % 7))
            case 2: try await driver.set(key: key, value: Named(name: key))
            case 3:
                if let found = try await driver.getWithTTL(key: key, as: Named.self) {
                    #expect(found.object.name == key)
                    #expect(found.ttl ?? .seconds(1) > .zero)
                }
            default: try await driver.remove(key: key)
            }
        }
    }

    @Test(
        "tasks use values that expire at once, and see only their own errors, also when the store is closed meanwhile",
        arguments: [1, 8, 1000], [false, true])
    func load(tasks: Int, isClosed: Bool) async throws {
        let seconds = ProcessInfo.processInfo.environment["TTL_LOAD_SECONDS"].flatMap(Double.init) ?? 1
        let folder = try TemporaryFolder()
        let driver = try await TTLStorePersistDriver(path: folder("store.db"))
        // Where the store is closed, that alone ends the tasks.
        let end = isClosed ? .distantFuture : Date(timeIntervalSinceNow: seconds)
        let errors = Collected<any Error>()
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<tasks {
                group.addTask {
                    do { try await Self.use(driver, number, until: end) } catch { errors.append(error) }
                }
            }
            if isClosed {
                try? await Task.sleep(for: .seconds(seconds / 2))
                await driver.shutdown()
            }
        }
        if isClosed {
            #expect(errors.all.count == tasks)
            #expect(errors.all.allSatisfy { ($0 as? TTLStoreError)?.code == .closed })
        } else {
            #expect(errors.all.isEmpty, "\(errors.all.first.map { "\($0)" } ?? "")")
        }
        await driver.shutdown()
        #expect(Census.descriptors(below: folder.path) == 0)
    }
}
#endif
