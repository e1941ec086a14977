import Foundation
import Synchronization
import TTLTestSupport
import Testing

@testable import TTLStore

@Suite("The clock") struct ClockTests {
    @Test("a clock that jumps ahead ends entries, and one that jumps back keeps them", arguments: Setting.all)
    func jumps(setting: Setting) async throws {
        let store = try setting.open()
        let tenDays = Duration.seconds(864_000)
        try await store.set("hour", "v", expiring: .after(.seconds(3600)))
        try await store.set("month", "v", expiring: .after(.seconds(30 * 86_400)))
        store.clock.advance(by: tenDays)
        #expect(try await store.keys().elements == ["month"])
        #expect(try await store.entry("month")?.remaining == .seconds(20 * 86_400))
        store.clock.advance(by: .zero - tenDays - tenDays)
        #expect(try await store.keys().elements == ["hour", "month"])
        #expect(try await store.entry("hour")?.remaining == .seconds(3600) + tenDays)
        #expect(try await store.purgeExpired() == 0)
        store.clock.advance(by: tenDays + .seconds(3600))
        #expect(try await store.purgeExpired() == 1)
        #expect(try await store.keys().elements == ["month"])
    }

    @Test("an operation reads the clock once", arguments: Operation.allCases.filter { $0 != .purgeExpired })
    func oneNow(operation: Operation) async throws {
        let reads = Atomic(0)
        let store = try Setting.inMemory.open { configuration in
            configuration.clock = WallClock {
                reads.add(1, ordering: .relaxed)
                return 1_800_000_000_000
            }
        }
        try await store.set("k", "v", expiring: .after(.seconds(50)))
        reads.store(0, ordering: .relaxed)
        try await operation.run(store, "k")
        #expect(reads.load(ordering: .relaxed) == operation.clockReadings)
    }

    @Test("a clock beyond all bounds is held within them, and nothing traps", arguments: Operation.allCases)
    func absurdClock(operation: Operation) async throws {
        let time = Atomic<Int64>(0)
        let store = try Setting.inMemory.open { configuration in
            configuration.clock = WallClock { time.load(ordering: .relaxed) }
        }
        for now in [0, -1, .min, .max, .min + 1, 253_402_300_800_000, 99_999_999_999, 1_800_000_000_000] as [Int64] {
            time.store(now, ordering: .relaxed)
            try await store.set("k", "v")
            do {
                try await operation.run(store, "k")
            } catch {
                // Beside the year 9999 there is no room for a time to live.
                #expect((error as? TTLStoreError)?.code == .invalidExpiry, "at \(now)")
                #expect(now >= TimeConversion.latest, "at \(now)")
            }
            try await store.persist("k")
        }
    }

    @Test("the system's clock is that of Foundation")
    func systemClock() {
        let before = Date()
        let now = TimeConversion.date(WallClock.system.now)
        #expect(now.timeIntervalSince(before) > -0.002)
        #expect(Date().timeIntervalSince(now) >= 0)
    }
}
