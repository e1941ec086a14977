import Foundation
import TTLTestSupport
import Testing

@testable import TTLStore

@Suite("The expirer's thread wakes up") struct WakeUpTests {
    private let clock = ManualClock()
    private let store: TTLStore

    init() throws {
        var configuration = TTLStore.Configuration()
        configuration.clock = clock.wallClock
        store = try TTLStore.inMemory(configuration: configuration)
    }

    private var activity: TTLStore.Statistics { store.engine.activity.snapshot }

    @Test("the expirer wakes up for an entry that expires earlier than the awaited one")
    func rearmed() throws {
        let store = try TTLStore.inMemory()
        try store.set("late", "x", expiring: .after(.seconds(3600)))
        // Until the thread sleeps for the late entry.
        #expect(eventually { store.engine.activity.snapshot.wakeUps > 0 })
        try store.set("early", "x", expiring: .after(.milliseconds(150)))
        #expect(eventually { store.engine.activity.snapshot.purgedEntries == 1 })
        try store.touch("late", expiring: .after(.milliseconds(10)))
        #expect(eventually { store.engine.activity.snapshot.purgedEntries == 2 })
        store.close()
    }

    @Test("the expirer wakes up for each of many entries that are written just as it goes to sleep")
    func rearmedWhileFallingAsleep() throws {
        let purged = Counter()
        var configuration = TTLStore.Configuration()
        configuration.onExpirerActivity = { activity in
            if case .purged(let count) = activity { purged.add(count) }
        }
        let store = try TTLStore.inMemory(configuration: configuration)
        try store.set("late", "x", expiring: .after(.seconds(3600)))
        for number in 0..<20 {
            // The callback has counted, and the thread is about to decide for how long to sleep.
            try store.set("later", "x", expiring: .after(.seconds(1800)))
            try store.set("early", "x", expiring: .after(.milliseconds(1)))
            #expect(eventually { purged.value == number + 1 })
        }
        store.close()
    }

    /// Wakes the thread, if it has gone to sleep by now.
    private func wakesUp(since before: Int) -> Bool {
        store.engine.wakeExpirer()
        return activity.wakeUps > before
    }

    @Test(
        "the expirer wakes up when the clock jumps ahead, and purges nothing when it is set back",
        arguments: [10, 1000])
    func clockJumps(days: Int64) throws {
        try store.set("key", "x", expiring: .after(.seconds(60)))
        try store.set("kept", "x")
        let before = activity.wakeUps
        clock.advance(by: .seconds(-86_400 * days))
        #expect(eventually { wakesUp(since: before) })
        #expect(try store.get("key") == "x")
        #expect(activity.purgedEntries == 0 && activity.failures == 0)
        clock.advance(by: .seconds(86_400 * days * 2))
        store.engine.wakeExpirer()
        #expect(try store.get("key") as String? == nil)
        #expect(eventually { activity.purgedEntries == 1 })
        #expect(try store.get("kept") == "x")
        store.close()
    }

    @Test("the expirer wakes up after a suspended hour, and reads are right at once")
    func suspended() throws {
        for number in 0..<100 {
            try store.set("key:\(number)", "x", expiring: .after(.seconds(Int64(number) * 60 + 60)))
        }
        clock.advance(by: .seconds(3600))
        #expect(try store.count() == 40)
        #expect(try store.get("key:59") as String? == nil)
        #expect(try store.get("key:60") == "x")
        store.engine.wakeExpirer()
        #expect(eventually { activity.purgedEntries == 60 })
        store.close()
    }

    @Test("the expirer does not wake up for entries that expire later than the awaited one")
    func later() throws {
        try store.set("first", "x", expiring: .after(.seconds(1800)))
        #expect(eventually { activity.wakeUps > 0 })
        let (before, begun) = (activity.wakeUps, MonotonicTime.now)
        for number in 0..<10_000 { try store.set("key:\(number % 100)", "x", expiring: .after(.seconds(3600))) }
        // However long that took, there are at most ten a second.
        let allowed = MonotonicTime.now.milliseconds(since: begun) / 100 + 3
        #expect(activity.wakeUps - before <= allowed)
        store.close()
    }
}
