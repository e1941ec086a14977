import Testing

@testable import TTLStore

@Suite("How long a batch may hold the write lock") struct BatchPaceTests {
    private let start = MonotonicTime(nanoseconds: 5_000_000_000_000)

    private func sight(after milliseconds: Milliseconds = 0, foreign: MonotonicTime? = nil) -> BatchPace.Sight {
        .init(now: start + milliseconds, lastForeignCommit: foreign, logRoom: 5000)
    }

    @Test("without other processes each batch may hold the lock for twice as long as the last one, up to a limit")
    func alone() {
        var pace = BatchPace()
        var times: [Milliseconds] = []
        for _ in 0..<6 {
            times.append(pace.begin(sight()).time)
            #expect(pace.isAlone)
            pace.usedUp()
        }
        #expect(times == [10, 20, 40, 80, 120, 120])
    }

    @Test("a batch that ended early does not make the next one longer")
    func endedEarly() {
        var pace = BatchPace()
        for _ in 0..<3 { #expect(pace.begin(sight()).time == BatchPace.shared) }
    }

    @Test("a commit of another process makes batches short for a second, and then they grow again")
    func foreignCommit() {
        var pace = BatchPace()
        for _ in 0..<5 {
            _ = pace.begin(sight())
            pace.usedUp()
        }
        for milliseconds in [Milliseconds(0), 500, 999] {
            #expect(pace.begin(sight(after: milliseconds, foreign: start)).time == BatchPace.shared)
            #expect(!pace.isAlone)
            pace.usedUp()
        }
        #expect(pace.begin(sight(after: 1000, foreign: start)).time == 2 * BatchPace.shared)
        #expect(pace.isAlone)
    }

    @Test("a long batch changes no more pages than the log and the cache have room for")
    func pages() {
        var pace = BatchPace()
        for _ in 0..<5 { pace.usedUp() }
        #expect(pace.begin(.init(now: start, logRoom: 5000)).pages == 5000)
        #expect(pace.begin(.init(now: start, logRoom: .max)).pages == BatchPace.mostPages)
        // However long the log is, a batch makes progress.
        #expect(pace.begin(.init(now: start, logRoom: -1000)).pages == 100)
    }

    @Test("a fixed time holds whatever happens")
    func fixed() {
        var pace = BatchPace(fixed: 3)
        pace.usedUp()
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
