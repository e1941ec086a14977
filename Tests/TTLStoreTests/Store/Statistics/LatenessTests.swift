import TTLTestSupport
import Testing

@testable import TTLStore

@Suite("The lateness of purges") struct LatenessTests {
    private func bounds(_ histogram: TTLStore.Histogram) -> [Int64: Int] {
        var bounds: [Int64: Int] = [:]
        for bucket in histogram.buckets where bucket.count > 0 {
            bounds[
                bucket.upperBound.components.seconds * 1000 + bucket.upperBound.components.attoseconds
                    / 1_000_000_000_000_000] =
                bucket.count
        }
        return bounds
    }

    @Test("lateness is the time from an entry's expiry to its deletion", arguments: Setting.all)
    func byHand(setting: Setting) async throws {
        let store = try setting.open()
        for milliseconds in [1, 901, 1000, 1001] as [Int64] {
            try await store.set("\(milliseconds)", "v", expiring: .after(.milliseconds(milliseconds)))
        }
        store.clock.advance(by: .milliseconds(1001))
        #expect(try await store.purgeExpired() == 4)
        let statistics = try await store.statistics()
        #expect(statistics.purgedEntries == 4)
        #expect(statistics.purgeBatches == 1)
        #expect(bounds(statistics.lateness) == [1: 2, 128: 1, 1024: 1])
        #expect(statistics.lateness.percentile(50) == .milliseconds(1))
        #expect(statistics.lateness.percentile(99) == .milliseconds(1024))
    }

    @Test("the expirer's thread measures the lateness of purges")
    func byThread() throws {
        let store = try Setting.inFile.open { $0.purging = .automatic }
        for number in 0..<100 { try store.store.set("\(number)", "v", expiring: .after(.seconds(60))) }
        store.clock.advance(by: .seconds(60 + 3000))
        store.store.engine.wakeExpirer()
        #expect(try eventually { try store.store.statistics().purgedEntries == 100 })
        #expect(bounds(try store.store.statistics().lateness) == [1 << 22: 100])
    }

    @Test("lateness is counted for the deleted entries of a batch, and for no other one")
    func extendedMeanwhile() throws {
        let store = try Setting.inFile.open()
        for number in 0..<100 {
            try store.store.set("\(number)", "v", expiring: .after(.milliseconds(Int64(1 + number))))
        }
        store.clock.advance(by: .milliseconds(100))
        let reader = try Connection(
            path: store.path, access: .readOnly, busyPolicy: BusyPolicy(stop: StopFlag(), timeout: 0))
        let due = try EntryReader(reader, activity: ActivityCounters()).due(now: store.clock.now, limit: 1000)
        reader.close()
        #expect(due.count == 100)
        // Entries with a lateness of 50 and more are spared.
        for number in 0..<50 { try store.store.set("\(number)", "v", expiring: .after(.seconds(60))) }
        let now = store.clock.now
        let deleted = try store.store.engine.write("purge") { writer in
            try writer.purge(rows: due[0..<60], foreseen: nil, now: now).map(\.expiresAt)
        }
        #expect(deleted.sorted() == (51...60).map { now - 100 + $0 })
    }

    @Test("a deletion that finds no entry any more counts no lateness")
    func deletedElsewhere() throws {
        let store = try Setting.inFile.open()
        for number in 0..<10 { try store.store.set("\(number)", "v", expiring: .after(.milliseconds(1))) }
        store.clock.advance(by: .milliseconds(1))
        let other = try TTLStore(path: store.path, configuration: store.store.configuration)
        #expect(try other.purgeExpired() == 10)
        #expect(try store.store.purgeExpired() == 0)
        #expect(try store.store.statistics().lateness == TTLStore.Histogram())
        other.close()
    }
}
