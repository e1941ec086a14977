import Foundation
import Synchronization
import TTLTestSupport
import Testing

@testable import TTLStore

/// A clock that shows any time that a test sets, also impossible ones.
final class AnyClock: Sendable {
    private let time: Atomic<Int64>

    /// In January 2027.
    static let right: Int64 = 1_800_000_000_000
    /// In January 1970, as a board without a battery starts.
    static let early: Int64 = 3_600_000
    /// After the last day that the file knows.
    static let late = TimeConversion.latest + 1

    static let wrong: [Int64] = [
        0, -1, .min, .min + 1, .max, early, late, TimeConversion.earliest - 1,
    ]

    init(_ time: Int64 = AnyClock.right) { self.time = Atomic(time) }

    func set(_ time: Int64) { self.time.store(time, ordering: .relaxed) }

    var wallClock: WallClock { WallClock { [self] in time.load(ordering: .relaxed) } }
}

@Suite("A clock that can't be right") struct ClockOutOfRangeTests {
    private static func open(
        _ setting: Setting, _ clock: AnyClock, _ adjust: (inout TTLStore.Configuration) -> Void = { _ in }
    ) throws -> StoreUnderTest {
        try setting.open { configuration in
            configuration.clock = clock.wallClock
            adjust(&configuration)
        }
    }

    @Test(
        "by a wrong clock operations that store a time fail, others work; by a right clock all work",
        arguments: Operation.allCases)
    func operations(operation: Operation) async throws {
        for setting in [Setting.inMemory, Setting(form: .suspending, place: .file)] {
            for time in AnyClock.wrong {
                let clock = AnyClock()
                let store = try ClockOutOfRangeTests.open(setting, clock)
                try await store.set("k", "v", expiring: .never, tag: Operation.tag)
                try await store.set("other", "v", expiring: .after(.seconds(60)))
                let before = try store.contents()
                clock.set(time)
                if operation.storesTime {
                    await expectFailure(.clockOutOfRange, "at \(time)") { try await operation.run(store, "k") }
                } else {
                    try await operation.run(store, "k")
                }
                clock.set(AnyClock.right)
                if operation.storesTime || !operation.writes { #expect(try store.contents() == before, "at \(time)") }
                try await operation.run(store, "k")
                try await store.set("later", "v", expiring: .after(.seconds(1)))
                #expect(try await store.contains("other") || operation == .removeAll)
                await store.close()
            }
        }
    }

    @Test("an entry is live by the time that a wrong clock shows, and by no other", arguments: Setting.all)
    func reads(setting: Setting) async throws {
        let clock = AnyClock()
        let store = try ClockOutOfRangeTests.open(setting, clock)
        try await store.set("k", "v", expiring: .after(.seconds(60)))
        try await store.set("kept", "v", expiring: .never)
        for time in AnyClock.wrong {
            clock.set(time)
            let isLive = time < AnyClock.right + 60_000
            #expect(try await store.get("k") == (isLive ? "v" : nil), "at \(time)")
            #expect(try await store.contains("kept"))
            #expect(try await store.count() == (isLive ? 2 : 1))
            let remaining = try await store.entry("k")?.remaining
            #expect(remaining == (isLive ? .milliseconds(AnyClock.right + 60_000) - .milliseconds(time) : nil))
            #expect(try await store.remove("k") == isLive)
            clock.set(AnyClock.right)
            try await store.set("k", "v", expiring: .after(.seconds(60)))
        }
    }

    @Test("by a wrong clock a transaction removes, and its sets are refused one by one", arguments: Setting.all)
    func transactions(setting: Setting) async throws {
        let clock = AnyClock()
        let store = try ClockOutOfRangeTests.open(setting, clock)
        try await store.set("k", "v", expiring: .never)
        clock.set(AnyClock.early)
        let runs = Counter()
        await expectFailure(.clockOutOfRange) {
            try await store.update("k", as: String.self) { (_: inout String?) in runs.add() }
        }
        #expect(runs.value == 0)
        let isRemoved = try await store.transaction { transaction in
            expectFailure(.clockOutOfRange) { try transaction.set("other", "v") }
            return try transaction.remove("k")
        }
        #expect(isRemoved)
        #expect(try await store.count() == 0)
    }

    // MARK: Files

    @Test("by a wrong clock no file and no folder is made, and an empty file stays empty", arguments: AnyClock.wrong)
    func creation(time: Int64) throws {
        let folder = try TemporaryFolder()
        var configuration = TTLStore.Configuration()
        configuration.clock = AnyClock(time).wallClock
        expectFailure(.clockOutOfRange) { try TTLStore(path: folder("a/store.db"), configuration: configuration) }
        #expect(try FolderContents.names(folder) == [])
        try Data().write(to: URL(fileURLWithPath: folder("store.db")))
        expectFailure(.clockOutOfRange) { try TTLStore(path: folder("store.db"), configuration: configuration) }
        #expect(try FolderContents(folder).withoutTracesOfReading.isEmpty)
        configuration.clock = .system
        try TTLStore(path: folder("store.db"), configuration: configuration).close()
    }

    @Test("by a wrong clock an existing file is opened, whatever the default time to live, and closed")
    func opening() async throws {
        let clock = AnyClock()
        var store = try ClockOutOfRangeTests.open(.inFile, clock) { $0.defaultTimeToLive = .seconds(3600) }
        for number in 0..<100 { try await store.set("key:\(number)", "v") }
        for time in AnyClock.wrong + [TimeConversion.latest] {
            clock.set(time)
            store = try store.reopened { $0.purging = .automatic }
            #expect(try await store.count() == (time < AnyClock.right ? 100 : 0), "at \(time)")
            // The last effort deletes expired entries, if the clock can be right.
            if time != TimeConversion.latest { await store.close() }
        }
        clock.set(AnyClock.right)
        await store.close()
    }

    @Test("entries without an expiry are stored until the last day of the year 9999")
    func lastMoment() async throws {
        let clock = AnyClock(TimeConversion.latest)
        let store = try ClockOutOfRangeTests.open(.inFile, clock)
        try await store.set("k", "v", expiring: .never)
        await expectFailure(.invalidExpiry) { try await store.set("k", "v", expiring: .after(.milliseconds(1))) }
        await expectFailure(.invalidExpiry) { try await store.acquireLease("job", for: .seconds(1)) }
        #expect(try await store.get("k") == "v")
        try expectIntact(store.path)
    }

    // MARK: The thread

    @Test(
        "the thread reports a wrong clock, deletes nothing by it, and goes on when it is set right",
        arguments: [AnyClock.early, AnyClock.late])
    func thread(time: Int64) async throws {
        let clock = AnyClock()
        let before = try ClockOutOfRangeTests.open(.inFile, clock)
        for number in 0..<10 { try await before.set("key:\(number)", "v", expiring: .after(.seconds(60))) }
        clock.set(time)
        let store = try before.reopened { $0.purging = .automatic }
        let isReported = try await eventuallyWithoutBlocking {
            try store.store.statistics().lastError?.code == .clockOutOfRange
        }
        #expect(isReported)
        clock.set(AnyClock.right)
        #expect(try await store.count() == 10)
        // A write that expires wakes the thread.
        clock.set(AnyClock.right + 60_000)
        try await store.set("soon", "v", expiring: .after(.milliseconds(1)))
        clock.set(AnyClock.right + 60_001)
        store.store.engine.wakeExpirer()
        #expect(try await eventuallyWithoutBlocking { try store.store.statistics().purgedEntries == 11 })
        await store.close()
    }

    @Test("near the end of the year 9999 the thread works off a backlog in many batches, without an error")
    func backlogAtTheEnd() throws {
        let folder = try TemporaryFolder()
        try makeBacklog(folder("store.db"), dead: 20_000)
        var configuration = TTLStore.Configuration()
        configuration.clock = AnyClock(TimeConversion.latest - 1999).wallClock
        let store = try TTLStore(path: folder("store.db"), configuration: configuration)
        #expect(try eventually { try store.statistics().purgedEntries == 20_000 })
        let statistics = try store.statistics()
        #expect(statistics.failures == 0, "\(String(describing: statistics.lastError))")
        store.close()
        try expectIntact(folder("store.db"))
    }

    @Test("the log is copied also by a wrong clock", arguments: AnyClock.wrong)
    func checkpoint(time: Int64) async throws {
        let clock = AnyClock()
        let store = try ClockOutOfRangeTests.open(.inFile, clock)
        for number in 0..<100 { try await store.set("key:\(number)", "v") }
        clock.set(time)
        // The first empties the log; the second finds all of it copied.
        for _ in 0..<2 { #expect(store.store.engine.cutLog()) }
        try await store.removeAll(.prefix("key:"))
        #expect(store.store.engine.cutLog())
        await store.close()
        try expectIntact(store.path)
    }

    // MARK: Get or compute

    @Test(
        "by a wrong clock getOrCompute serves stored values, and computes others without storing them",
        arguments: Setting.all)
    func computing(setting: Setting) async throws {
        let clock = AnyClock()
        let store = try ClockOutOfRangeTests.open(setting, clock)
        try await store.set("there", "v", expiring: .never)
        let strict = ComputeOptions(requiresStoring: true)
        for time in AnyClock.wrong {
            clock.set(time)
            #expect(try await store.getOrCompute("k") { "computed" } == "computed")
            #expect(try await store.getOrCompute("there") { "computed" } == "v")
            #expect(
                try await store.getOrCompute("there", staleAfter: .seconds(1), options: strict) { "computed" } == "v")
            await expectFailure(.clockOutOfRange) {
                try await store.getOrCompute("k", options: strict) { "computed" }
            }
            await expectFailure(.invalidExpiry) {
                try await store.getOrCompute("k", expiring: .after(.zero)) { "computed" }
            }
            #expect(try await store.statistics().lastError?.code == .clockOutOfRange)
        }
        #expect(try await store.statistics().uncachedComputations == AnyClock.wrong.count)
        clock.set(AnyClock.right)
        #expect(try await store.getOrCompute("k") { "new" } == "new")
        #expect(try await store.get("k") == "new")
    }

    @Test("a value is returned and not stored if the clock goes wrong while it is computed", arguments: Setting.all)
    func lostMeanwhile(setting: Setting) async throws {
        let clock = AnyClock()
        let store = try ClockOutOfRangeTests.open(setting, clock)
        let value = try await store.getOrCompute("k") {
            clock.set(AnyClock.early)
            return "computed"
        }
        #expect(value == "computed")
        clock.set(AnyClock.right)
        #expect(try await store.get("k") == nil)
        // Its lease was released.
        #expect(try await store.getOrCompute("k", options: ComputeOptions(timeout: .zero)) { "new" } == "new")
    }
}
