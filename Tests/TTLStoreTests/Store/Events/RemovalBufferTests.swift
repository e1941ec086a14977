import Foundation
import TTLTestSupport
import Testing

@testable import TTLStore

@Suite("A consumer of removals that does not keep up") struct RemovalBufferTests {
    private let test: StoreUnderTest
    private let store: TTLStore

    init() throws {
        test = try Setting.inMemory.open()
        store = test.store
    }

    @Test("a slow consumer never blocks the store, keeps the oldest removals, and knows how many it has lost")
    func drops() throws {
        let (small, large) = (
            try store.removals(buffering: 10), try store.removals(includingValues: true, buffering: 1000)
        )
        for number in 0...100 { try store.set("key", TTLStore.Value.integer(Int64(number))) }
        #expect(small.dropped == 90)
        #expect(large.dropped == 0)
        #expect(try store.statistics().droppedRemovals == 90)
        #expect(large.takeBuffered().map(\.value) == (0..<100).map { .integer($0) })
        #expect(small.takeBuffered().count == 10)
        // There is room again.
        for number in 0..<11 { try store.set("other:\(number)", "x") }
        try store.removeAll(.prefix("other:"))
        #expect(small.takeBuffered().count == 10)
        #expect(small.dropped == 91)
        #expect(large.takeBuffered().count == 11)
        #expect(try store.statistics().droppedRemovals == 91)
        store.close()
    }

    @Test("a consumer learns how many removals of a large transaction did not fit", arguments: [true, false])
    func largeTransactions(isPurge: Bool) throws {
        let removals = try store.removals(includingValues: true, buffering: 70)
        for number in 0..<300 { try store.set("key:\(number)", "x", expiring: .after(.seconds(1)), tag: "t") }
        if isPurge { test.clock.advance(by: .seconds(1)) }
        #expect(try isPurge ? store.purgeExpired() == 300 : store.removeAll(.tag("t")) == 300)
        #expect(removals.dropped == 230)
        let kept = removals.takeBuffered()
        #expect(kept.count == 70 && kept.allSatisfy { $0.tag == "t" && $0.value == .text("x") })
        store.close()
    }

    @Test("a consumer that reads some removals has room for as many more")
    func readInBetween() throws {
        let removals = try store.removals(includingValues: true, buffering: 3)
        var (expected, read): ([Int64], [Int64]) = ([], [])
        var (waiting, next): (Int, Int64) = (0, 0)
        try store.set("key", TTLStore.Value.integer(0))
        for round in 0..<200 {
            for _ in 0..<round % 5 {
                if waiting < 3 {
                    expected.append(next)
                    waiting += 1
                }
                next += 1
                try store.set("key", TTLStore.Value.integer(next))
            }
            for _ in 0..<round % 3 {
                guard case .some(.some(let removal)) = removals.subscription.stream.takeNext() else { break }
                if case .integer(let number) = removal.value { read.append(number) }
                waiting -= 1
            }
        }
        for case .integer(let number) in removals.takeBuffered().compactMap(\.value) { read.append(number) }
        #expect(read == expected)
        #expect(removals.dropped == Int(next) - expected.count)
        store.close()
    }

    @Test("a buffer holds no more than 64 MiB of values, or one; further keys fit all the same")
    func largeValues() {
        let large = Value.bytes([UInt8](repeating: 1, count: 40 << 20))
        let entry = LeavingEntry(key: "k", tag: nil, cause: .removed, content: .value(large))
        var buffer = RemovalBuffer(RemovalDemand(limit: 10, values: true))
        #expect(buffer.append(RemovalBatch(entries: [entry, entry], overflow: 3)) == 4)
        #expect(buffer.takeFirst()?.value == large)
        #expect(buffer.append(RemovalBatch(entries: [entry])) == 0)
        #expect(buffer.takeAll().count == 1)
        #expect(buffer.append(RemovalBatch(entries: [entry])) == 0)

        let feed = RemovalFeed()
        let keys = RemovalStream(RemovalDemand(limit: 10, values: false))
        let values = RemovalStream(RemovalDemand(limit: 10, values: true))
        #expect(feed.add(keys) && feed.add(values))
        let pending = PendingRemovals(feed)
        for _ in 0..<3 { pending.add(entry) }
        #expect(pending.publish())
        #expect(keys.dropped == 0 && values.dropped == 2 && feed.dropped == 2)
        // The next transaction has room again.
        #expect(values.takeNext()??.value == large)
        pending.add(entry)
        #expect(pending.publish() && !pending.publish())
        #expect(values.dropped == 2)
    }

    @Test("a consumer that is added during an operation gets no values that were not read")
    func lateConsumer() {
        let feed = RemovalFeed()
        let early = RemovalStream(RemovalDemand(limit: 10, values: false))
        #expect(feed.add(early))
        let pending = PendingRemovals(feed)
        pending.add(LeavingEntry(key: "k", tag: nil, cause: .removed, content: .notRead))
        let late = RemovalStream(RemovalDemand(limit: 10, values: true))
        #expect(feed.add(late))
        #expect(pending.publish())
        #expect(early.takeNext()??.key == "k")
        #expect(late.takeNext() == nil && late.dropped == 0)
    }

    @Test("a consumer costs nothing any more once it is gone")
    func gone() throws {
        let feed = store.engine.removals
        #expect(feed.demand == nil)
        do {
            let removals = try store.removals(includingValues: true, buffering: 5)
            #expect(feed.demand == RemovalDemand(limit: 5, values: true))
            do {
                let other = try store.removals(buffering: 500)
                #expect(feed.demand == RemovalDemand(limit: 500, values: true))
                _ = other
            }
            #expect(feed.demand == RemovalDemand(limit: 5, values: true))
            // Only the iterator refers to the sequence.
            let iterator = removals.makeAsyncIterator()
            withExtendedLifetime(iterator) { #expect(feed.demand != nil) }
        }
        #expect(feed.demand == nil)
        try store.set("key", "1")
        try store.set("key", "2")
        #expect(try store.removals().takeBuffered().isEmpty)
        store.close()
    }

    @Test("a consumer's buffer needs a valid size", arguments: [0, -1, .min, 1_000_001, .max])
    func limits(limit: Int) throws {
        expectFailure(.invalidArgument) { try store.removals(buffering: limit) }
        #expect(store.engine.removals.demand == nil)
        store.close()
    }
}
