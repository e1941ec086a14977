import TTLTestSupport
import Testing

@testable import TTLStore

@Suite("The line for a reader") struct ReaderLineTests {
    private final class Waiter {}

    @Test("any caller may take a free reader, until the first in line has waited for its patience")
    func rule() {
        var line = ReaderLine<Waiter>()
        let (first, second) = (Waiter(), Waiter())
        let begun = MonotonicTime(nanoseconds: 0)
        #expect(line.mayTake(nil, at: begun))
        line.enter(first, at: begun)
        line.enter(second, at: begun + 1)
        let soon = begun + (ReaderLine<Waiter>.patience - 1)
        let late = begun + ReaderLine<Waiter>.patience
        for waiter in [nil, first, second] { #expect(line.mayTake(waiter, at: soon)) }
        #expect(line.mayTake(first, at: late))
        #expect(!line.mayTake(second, at: late) && !line.mayTake(nil, at: late))
        line.leave(first)
        #expect(line.first === second)
        #expect(line.mayTake(nil, at: late))
        #expect(!line.mayTake(nil, at: late + 1) && line.mayTake(second, at: late + 1))
        line.leave(second)
        #expect(line.first == nil && line.mayTake(nil, at: late + 1))
    }

    @Test(
        "no caller waits for a reader much longer than its patience, even if others read in a loop", arguments: 1...200)
    func simulation(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let readers = Int.random(in: 1...4, using: &generator)
        var world = ReaderWorld(
            readers: readers, threads: readers + .random(in: 1...8, using: &generator),
            longestRead: .random(in: 20...20_000, using: &generator), generator: generator)
        world.run(steps: 20_000)
        // All threads that stood before it, at worst one after the other, each with a read and a wake-up.
        let patience = Int(ReaderLine<ReaderWorld.Thread>.patience) * 1000
        let bound = patience + (world.threads.count + 1) * (world.longestRead + ReaderWorld.wakeUp)
        #expect(world.longestWait <= bound, "seed \(seed): \(world.longestWait) of \(bound) µs")
        #expect(world.threads.allSatisfy { $0.reads > 0 })
    }
}

/// Threads that read in a loop, by a clock of microseconds. A thread that gives a reader back comes again at once, long
/// before a woken thread looks.
private struct ReaderWorld {
    final class Thread {
        var reads = 0
        /// When the thread looks, or gives its reader back.
        var next = 0
        var isReading = false
        /// Since when the thread stands in line.
        var since: Int?
    }

    static let wakeUp = 50

    let longestRead: Int
    let threads: [Thread]
    private(set) var longestWait = 0
    private var free: Int
    private var line = ReaderLine<Thread>()
    private var generator: SeededGenerator

    init(readers: Int, threads count: Int, longestRead: Int, generator: SeededGenerator) {
        (free, self.longestRead, self.generator) = (readers, longestRead, generator)
        threads = (0..<count).map { _ in Thread() }
    }

    mutating func run(steps: Int) {
        for _ in 0..<steps {
            guard let thread = threads.filter({ $0.next < .max }).min(by: { $0.next < $1.next }) else { return }
            let now = thread.next
            if thread.isReading { giveBack(thread, now) }
            look(thread, now)
        }
        for thread in threads { if let since = thread.since, thread.next < .max { note(thread.next - since) } }
    }

    private mutating func giveBack(_ thread: Thread, _ now: Int) {
        thread.isReading = false
        free += 1
        if let first = line.first { first.next = min(first.next, now + ReaderWorld.wakeUp) }
    }

    private mutating func look(_ thread: Thread, _ now: Int) {
        let time = MonotonicTime(nanoseconds: Int64(now) * 1000)
        let isWaiting = thread.since != nil
        if free > 0, line.mayTake(isWaiting ? thread : nil, at: time) {
            if let since = thread.since {
                note(now - since)
                line.leave(thread)
                thread.since = nil
                if free > 1, let first = line.first { first.next = min(first.next, now + ReaderWorld.wakeUp) }
            }
            free -= 1
            thread.reads += 1
            thread.isReading = true
            thread.next = now + .random(in: 1...longestRead, using: &generator)
        } else {
            if !isWaiting {
                thread.since = now
                line.enter(thread, at: time)
            }
            // Until it is woken.
            thread.next = .max
        }
    }

    private mutating func note(_ wait: Int) { longestWait = max(longestWait, wait) }
}
