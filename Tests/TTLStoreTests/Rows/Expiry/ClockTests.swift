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

    @Test("the system's clock agrees with Foundation's")
    func systemClock() {
        let before = Date()
        let now = TimeConversion.date(WallClock.system.now)
        #expect(now.timeIntervalSince(before) > -0.002)
        #expect(Date().timeIntervalSince(now) >= 0)
    }
}
