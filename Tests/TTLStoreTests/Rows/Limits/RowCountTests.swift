import TTLTestSupport
import Testing

@testable import TTLStore

@Suite("What a store knows of the number of its rows") struct RowCountTests {
    @Test("the number of rows is unknown before the first count, whatever the store commits")
    func uncounted() {
        var count = RowCount(limit: 10)
        count.committed(3)
        #expect(count.rows == nil)
        #expect(!count.isCurrent(at: 0, pending: 3))
    }

    @Test("the number of rows is the count and the store's later commits, at the counted version")
    func ownCommits() {
        var count = RowCount(limit: 10)
        count.counted(7, isAll: true, pending: 2, version: 4)
        #expect(count.rows == 5)
        #expect(count.isCurrent(at: 4, pending: 2))
        count.committed(2)
        count.committed(-1)
        #expect(count.rows == 6)
        #expect(count.isCurrent(at: 4, pending: 0))
        #expect(!count.isCurrent(at: 5, pending: 0))
        count.committed(1)
        #expect(!count.isCurrent(at: 5, pending: 0), "a commit of its own makes it no newer")
    }

    @Test("the number of rows stays right when the transaction that has counted is rolled back")
    func rollback() {
        var count = RowCount(limit: 10)
        count.counted(9, isAll: true, pending: 4, version: 1)
        #expect(count.rows == 5)
        #expect(count.isCurrent(at: 1, pending: 0))
    }

    @Test("the number of rows is a lower bound after an early end, and serves as long as it is beyond the margin")
    func lowerBound() {
        var count = RowCount(limit: 640)
        #expect(count.enough == 794)
        count.counted(794, isAll: false, pending: 0, version: 1)
        #expect(count.isCurrent(at: 1, pending: -73))
        #expect(!count.isCurrent(at: 1, pending: -74))
        count.committed(-74)
        #expect(!count.isCurrent(at: 1, pending: 0))
        count.counted(793, isAll: false, pending: 0, version: 1)
        #expect(count.isCurrent(at: 1, pending: -700))
        count.counted(5000, isAll: true, pending: 0, version: 1)
        #expect(count.isCurrent(at: 1, pending: -4900))
    }

    @Test("the number of rows can be counted with any limit")
    func largestLimit() { #expect(RowCount(limit: .max).enough == .max) }

    /// A file that this store and others change, with the numbers that SQLite gives.
    private struct Simulation {
        var count = RowCount(limit: 40)
        var rows = 0
        var version: Int64 = 0
        /// Whether the store has counted all rows, and no other connection has committed since.
        var isKnown = false
        var generator: SeededGenerator

        mutating func random(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &generator) }

        /// The number of rows never becomes negative.
        mutating func change(of rows: Int) -> Int { max(-rows, random(-30...34)) }

        mutating func foreignCommit() {
            rows += change(of: rows)
            version += 1
            isKnown = false
        }

        /// No other connection commits meanwhile.
        mutating func ownTransaction() {
            var pending = 0
            for _ in 0..<random(0...4) {
                if random(0...3) == 0 {
                    let isAll = random(0...1) == 0
                    let found = isAll ? rows + pending : min(rows + pending, count.enough)
                    count.counted(found, isAll: isAll, pending: pending, version: version)
                    isKnown = isAll || found < count.enough
                } else {
                    pending += change(of: rows + pending)
                }
                check(pending)
            }
            // Otherwise the transaction is rolled back.
            guard random(0...2) > 0 else { return }
            rows += pending
            count.committed(pending)
        }

        func check(_ pending: Int) {
            let isCurrent = count.isCurrent(at: version, pending: pending)
            if isKnown { #expect(isCurrent, "exact numbers are not forgotten") }
            guard isCurrent, let known = count.rows else { return }
            if isKnown {
                #expect(known == rows)
            } else {
                // Enough to evict by: there are at least so many, and too many.
                #expect(known <= rows && known + pending > 45)
            }
        }
    }

    @Test(
        "the number of rows is exact or known not to be, after any commits, counts and rollbacks",
        arguments: 0..<8 as Range<UInt64>)
    func anyHistory(part: UInt64) {
        for seed in part * 100..<(part + 1) * 100 {
            var simulation = Simulation(generator: SeededGenerator(seed: seed))
            for _ in 0..<200 {
                if simulation.random(0...4) == 0 { simulation.foreignCommit() } else { simulation.ownTransaction() }
                simulation.check(0)
            }
        }
    }
}

@Suite("A writer's counting") struct CountPaceTests {
    private let start = MonotonicTime(nanoseconds: 1_000_000_000)

    @Test("a writer counts at once at first, then at most once a second, and for a small part of the time")
    func time() {
        var pace = CountPace(limit: 1000)
        #expect(pace.wantsCheck(at: start) && pace.allowsCount(at: start))
        pace.counted(from: start, to: start + 1)
        #expect(!pace.wantsCheck(at: start + 1000) && !pace.allowsCount(at: start + 1000))
        #expect(pace.wantsCheck(at: start + 1001) && pace.allowsCount(at: start + 1001))
        pace.counted(from: start, to: start + 100)
        #expect(!pace.allowsCount(at: start + 3299))
        #expect(pace.allowsCount(at: start + 3300))
    }

    @Test("is not put off by a look that found nothing new")
    func check() {
        var pace = CountPace(limit: 1000)
        pace.checked(at: start)
        #expect(!pace.wantsCheck(at: start + 999))
        #expect(pace.allowsCount(at: start))
        #expect(pace.wantsCheck(at: start + 1000))
    }

    @Test("a count is due when the store itself has changed enough rows")
    func changes() {
        var pace = CountPace(limit: 2560)
        pace.counted(from: start, to: start)
        pace.changed(10)
        #expect(!pace.allowsCount(at: start))
        #expect(pace.arrears == 9)
        pace.changed(1)
        #expect(pace.allowsCount(at: start))
        pace.changed(1000)
        #expect(pace.arrears == 11)
        pace.counted(from: start, to: start)
        #expect(pace.arrears == 0 && !pace.allowsCount(at: start))
    }
}
