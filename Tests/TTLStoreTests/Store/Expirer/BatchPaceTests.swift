import Testing

@testable import TTLStore

@Suite("How long a batch may hold the write lock") struct BatchPaceTests {
    private let start = MonotonicTime(nanoseconds: 5_000_000_000_000)

    private func sight(after milliseconds: Milliseconds = 0, foreign: MonotonicTime? = nil) -> BatchPace.Sight {
        .init(now: start + milliseconds, lastForeignCommit: foreign, logRoom: 5000)
    }

    /// After that many batches that have used up their time.
    private func pace(after batches: Int) -> BatchPace {
        var pace = BatchPace()
        for _ in 0..<batches {
            let time = pace.begin(sight()).time
            pace.ended(.usedUp, held: time, at: start)
        }
        return pace
    }

    @Test("while nobody else writes, each batch may hold the lock for twice as long as the last one, up to a limit")
    func alone() {
        let times = (0..<6).map { batches in
            var pace = pace(after: batches)
            return pace.begin(sight()).time
        }
        #expect(times == [10, 20, 40, 80, 120, 120])
        #expect(pace(after: 1).isAlone)
    }

    @Test("a backlog that is done leaves short batches to the next one")
    func done() {
        var pace = pace(after: 5)
        pace.ended(.done, held: 3, at: start)
        #expect(pace.begin(sight()).time == BatchPace.shared)
    }

    @Test("batches that take much longer than they may get shorter")
    func slowDisk() {
        var pace = pace(after: 5)
        for expected in [Milliseconds(60), 30, 15, 10, 10] {
            pace.ended(.usedUp, held: 300, at: start)
            #expect(pace.begin(sight()).time == expected)
        }
    }

    @Test("a commit of another process makes batches short for a second, and then they grow again")
    func foreignCommit() {
        var pace = pace(after: 5)
        for milliseconds in [Milliseconds(0), 500, 999] {
            #expect(pace.begin(sight(after: milliseconds, foreign: start)).time == BatchPace.shared)
            #expect(!pace.isAlone)
            pace.ended(.usedUp, held: 10, at: start)
        }
        #expect(pace.begin(sight(after: 1000, foreign: start)).time == 2 * BatchPace.shared)
        #expect(pace.isAlone)
    }

    @Test("a writer of the store that waits makes the batches of the next second brief")
    func ownWriter() {
        var pace = pace(after: 5)
        #expect(pace.begin(sight()).yieldingTime == BatchPace.brief)
        pace.ended(.wanted, held: 20, at: start)
        #expect(!pace.isAlone)
        #expect(pace.begin(sight(after: 999)).time == BatchPace.brief)
        #expect(pace.begin(sight(after: 1000)).time == BatchPace.shared)
        #expect(pace.isAlone)
    }

    /// What the pause is after batches that take turns with writers for as long as the batches.
    private func pauses(_ ends: [BatchPace.End], held: Milliseconds = 2) -> [Milliseconds] {
        var pace = BatchPace()
        var now = start
        return ends.map { end in
            _ = pace.begin(.init(now: now))
            now = now + held
            pace.ended(end, held: held, at: now)
            now = now + held + pace.pause
            return pace.pause
        }
    }

    @Test("brief batches follow one another without a pause for as long as a batch beside other processes may last")
    func row() {
        let pause = BusyTimeout.pause(after: BatchPace.shared)
        #expect(pauses([.wanted, .usedUp, .wanted, .wanted]) == [0, 0, pause, 0])
        // Nobody waits.
        #expect(pauses([.usedUp, .usedUp]) == [BusyTimeout.pause(after: 2), BusyTimeout.pause(after: 2)])
        // A batch that was long already.
        #expect(pauses([.wanted], held: 60) == [BusyTimeout.pause(after: 60)])
    }

    @Test("a row of batches that something else has interrupted is followed by the usual pause")
    func interruptedRow() {
        var pace = BatchPace()
        pace.ended(.wanted, held: 2, at: start)
        #expect(pace.pause == 0)
        pace.ended(.wanted, held: 2, at: start + 500)
        #expect(pace.pause == BusyTimeout.pause(after: BatchPace.shared))
    }

    @Test("many changes of the program between two rows of batches make batches long again, and few make them brief")
    func manyWrites() {
        var pace = BatchPace()
        var (now, ownWrites) = (start, 0)
        /// A batch after a pause in which the program has made that many changes in each millisecond.
        func time(afterWrites rate: Int) -> BatchPace.Budget {
            now = now + 20
            ownWrites += 20 * rate
            let budget = pace.begin(.init(now: now, ownWrites: ownWrites))
            // With the second one, a row is over.
            for _ in 0..<2 {
                now = now + 10
                pace.ended(.wanted, held: 5, at: now)
            }
            return budget
        }
        _ = time(afterWrites: 0)
        #expect(time(afterWrites: 4) == .init(time: BatchPace.brief, yieldingTime: BatchPace.brief))
        #expect(time(afterWrites: 5) == .init(time: BatchPace.shared, yieldingTime: BatchPace.shared))
        #expect(time(afterWrites: 4) == .init(time: BatchPace.brief, yieldingTime: BatchPace.brief))
        // A batch beside many writers is no part of a row, even if it was short.
        _ = time(afterWrites: 100)
        pace.ended(.wanted, held: 3, at: now)
        #expect(pace.pause == BusyTimeout.pause(after: 3))
    }

    @Test("where a brief batch takes long all the same, batches are as long as others for a second")
    func slowCommit() {
        var pace = BatchPace()
        pace.ended(.wanted, held: 2, at: start)
        #expect(pace.begin(sight(after: 1)).time == BatchPace.brief)
        pace.ended(.wanted, held: 7, at: start + 8)
        let budget = pace.begin(sight(after: 20))
        #expect(budget == .init(time: BatchPace.shared, yieldingTime: BatchPace.shared))
        pace.ended(.wanted, held: 20, at: start + 40)
        #expect(pace.pause == BusyTimeout.pause(after: 20))
        #expect(pace.begin(sight(after: 1007)).time == BatchPace.shared)
        #expect(pace.begin(sight(after: 1008)).time == BatchPace.brief)
    }

    @Test("a backlog that is done ends the row of batches")
    func doneRow() {
        var pace = BatchPace()
        pace.ended(.wanted, held: 2, at: start)
        pace.ended(.done, held: 1, at: start + 4)
        _ = pace.begin(sight(after: 500))
        pace.ended(.wanted, held: 2, at: start + 502)
        #expect(pace.pause == 0)
    }

    @Test("the log may grow if no writer of the store waits, and nobody else who writes copies it")
    func log() {
        func mayLogGrow(wantedAt: Milliseconds? = nil, commit: Milliseconds?, copying: Milliseconds?) -> Bool {
            var pace = BatchPace()
            if let wantedAt { pace.ended(.wanted, held: 10, at: start + wantedAt) }
            let now = start + 100_000
            _ = pace.begin(
                .init(
                    now: now, lastForeignCommit: commit.map { start + $0 },
                    lastForeignCopying: copying.map { start + $0 }))
            return pace.mayLogGrow
        }
        #expect(mayLogGrow(commit: nil, copying: nil))
        #expect(mayLogGrow(commit: 99_999, copying: nil))
        #expect(!mayLogGrow(commit: 99_999, copying: 99_999))
        #expect(!mayLogGrow(commit: 99_999, copying: 40_001))
        #expect(mayLogGrow(commit: 99_999, copying: 40_000))
        // Who no longer writes does not copy it either.
        #expect(mayLogGrow(commit: 99_000, copying: 99_000))
        #expect(!mayLogGrow(wantedAt: 99_001, commit: nil, copying: nil))
        #expect(mayLogGrow(wantedAt: 99_000, commit: nil, copying: nil))
    }

    @Test("a long batch changes no more pages than the log and the cache have room for")
    func pages() {
        var pace = pace(after: 5)
        #expect(pace.begin(.init(now: start, logRoom: 5000)).pages == 5000)
        #expect(pace.begin(.init(now: start, logRoom: .max)).pages == 7000)
        // However long the log is, a batch makes progress.
        #expect(pace.begin(.init(now: start, logRoom: -1000)).pages == 16)
    }

    @Test("a fixed time holds whatever happens")
    func fixed() {
        var pace = BatchPace(fixed: 3)
        pace.ended(.usedUp, held: 3, at: start)
        #expect(pace.begin(sight()) == .init(time: 3))
        #expect(pace.begin(sight(foreign: start)) == .init(time: 3))
    }

    @Test("all that began to wait during a hold try again in the pause after it", arguments: 1...450)
    func pause(held: Milliseconds) {
        // In tenths of a millisecond.
        let sleeps: [Milliseconds] = [1, 2, 5, 10, 15, 20, 25, 25, 25, 50, 50, 100, 100, 100]
        let pause = 10 * BusyTimeout.pause(after: held)
        #expect(pause <= 1010)
        for begin in 0..<10 * held {
            var time = begin
            for sleep in sleeps where time < 10 * held { time += 10 * sleep }
            #expect(time >= 10 * held && time < 10 * held + pause, "\(begin)")
        }
    }
}
