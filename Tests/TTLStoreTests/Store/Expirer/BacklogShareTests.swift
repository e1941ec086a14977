import Foundation
import TTLTestSupport
import Testing

@testable import TTLStore

@Suite("The writers' share in deleting a backlog") struct BacklogShareTests {
    @Test(
        "writers delete two expired entries for each that they store, at once or with the next commits",
        arguments: [1, 2000])
    func price(size: Int) throws {
        let clock = ManualClock()
        let opened = try Setting.inFile.open {
            $0.clock = clock.wallClock
            $0.purging = .manual
        }
        let store = opened.store
        func entries(_ prefix: String, _ count: Int, _ expiry: TTLStore.Expiry) -> [TTLStore.BatchEntry] {
            (0..<count).map { TTLStore.BatchEntry("\(prefix):\($0)", .text("value"), expiring: expiry) }
        }
        try store.setAll(entries("due", 30_000, .seconds(1)))
        clock.advance(by: .seconds(2))
        let writer = try #require(store.engine.writing).queue.writer
        writer.backlogShare = BacklogShare()
        // It is measured after a tenth of a second.
        let isMeasured = eventually {
            _ = try? store.set("first", "value")
            return writer.backlogShare?.isBacklogLong == true
        }
        #expect(isMeasured)
        let before = try store.statistics().expiredEntries
        for round in 0..<(4000 / size) { try store.setAll(entries("new:\(round)", size, .never)) }
        // The deletions for which one commit had no time.
        for number in 0..<100 { try store.set("later:\(number)", "value") }
        let deleted = before - (try store.statistics().expiredEntries)
        #expect((8000...8400).contains(deleted), "\(deleted)")
        store.close()
    }
}
