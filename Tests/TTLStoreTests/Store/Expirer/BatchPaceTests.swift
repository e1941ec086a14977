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

    @Test("a writer of the store that waits makes the batches of the next second short")
    func ownWriter() {
        var pace = pace(after: 5)
        #expect(pace.begin(sight()).yieldingTime == BatchPace.shared)
        pace.ended(.wanted, held: 20, at: start)
        #expect(!pace.isAlone)
        #expect(pace.begin(sight(after: 999)).time == BatchPace.shared)
        #expect(pace.begin(sight(after: 1000)).time == BatchPace.shared)
        #expect(pace.isAlone)
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
