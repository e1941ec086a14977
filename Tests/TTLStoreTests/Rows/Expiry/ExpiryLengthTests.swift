import Testing

@testable import TTLStore

@Suite("Lengths of time for an expiry") struct ExpiryLengthTests {
    @Test("seconds, minutes, hours and days are short for a duration")
    func short() {
        #expect(TTLStore.Expiry.seconds(1800) == .after(.seconds(1800)))
        #expect(TTLStore.Expiry.minutes(30) == .after(.seconds(1800)))
        #expect(TTLStore.Expiry.hours(2) == .after(.seconds(7200)))
        #expect(TTLStore.Expiry.days(7) == .after(.seconds(604_800)))
    }

    @Test(
        "lengths of time that overflow are refused like expiries beyond the year 9999",
        arguments: [TTLStore.Expiry.minutes(.max), .hours(.max), .days(.max), .days(.min), .seconds(.max), .seconds(0)])
    func extremes(expiry: TTLStore.Expiry) throws {
        let store = try TTLStore.inMemory()
        expectFailure(.invalidExpiry) { try store.set("key", "value", expiring: expiry) }
        #expect(try store.get("key") == nil)
        store.close()
    }
}
