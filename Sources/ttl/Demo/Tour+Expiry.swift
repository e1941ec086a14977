import Synchronization
import TTLStore

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension Tour {
    // MARK: Closing and expiring

    func closeAndOpenAgain() throws {
        try stage.chapter("Close the file, and open it again")
        try stage.tell("Closed, and open again. No thread purges yet: reads don't need one to be right.")
        try useStore { store in
            try checkLive(store) { "\($0) entries are still there" }
            try expire(store)
        }
    }

    private func expire(_ store: TTLStore) throws {
        try stage.chapter("Let some expire")
        try stage.tell("\(Figures.grouped(shortLived)) entries have \(DurationFormat.text(timeLeft: timeLeft)) left.")
        // The file keeps whole milliseconds, rounded up.
        try stage.wait(until: moment.addingTimeInterval(0.002))
        let session = try store.get("session:2")
        let late = Date().timeIntervalSince(moment)
        try stage.check("session:2 is gone, \(Figures.time(.seconds(late))) after its time", session == nil)
        let live = try store.count()
        try stage.check("\(Figures.grouped(live)) entries live on", live == longLived)
        let rows = try store.statistics().expiredEntries
        try stage.check(
            "the \(Figures.grouped(rows)) others are still in the file, and no read returns them", rows == shortLived)
        if let answer = try query("SELECT count(*) AS rows FROM expired;") {
            try stage.check("the shell counts the same", answer.contains(" \(rows) "))
        }
    }

    private var timeLeft: Duration { .milliseconds(Int(moment.timeIntervalSinceNow * 1000)) }

    // MARK: The thread

    func sweep() throws {
        try stage.chapter("The thread sweeps, and ends")
        let log = SweepLog()
        var configuration = TTLStore.Configuration()
        configuration.onExpirerActivity = { log.note($0) }
        let store = try TTLStore(path: file, configuration: configuration)
        defer { store.close() }
        let sizeBefore = try store.statistics().fileSize
        try waitForSweep(log, store)
        let open = ProcessCensus()
        let batches = log.batches
        let after = try store.statistics()
        try stage.tell(
            """
            Opened with its thread, which deletes in batches and lets others write in between:
            \(summary(batches)).
            The longest batch held the write lock for \(Figures.time(after.longestPurge)).
            """)
        let total = batches.reduce(0, +)
        try stage.check(
            "\(batches.count) batches deleted \(Figures.grouped(total)) entries", total == shortLived)
        try stage.check("none is left in the file", after.expiredEntries == 0)
        try stage.tell("The file had \(Figures.bytes(sizeBefore)), and now has \(Figures.bytes(after.fileSize)).")
        let time = ContinuousClock().measure { store.close() }
        try compare(open: open, closed: ProcessCensus(), closing: time)
    }

    private func waitForSweep(_ log: SweepLog, _ store: TTLStore) throws {
        let deadline = ContinuousClock.now + .seconds(20)
        while ContinuousClock.now < deadline {
            // The thread gives the space back when it has deleted all.
            if log.isQuiet, try store.statistics().expiredEntries == 0 { return }
            try Interrupts.sleep(.milliseconds(20))
        }
    }

    private func summary(_ batches: [Int]) -> String {
        let shown = batches.prefix(8).map(Figures.grouped).joined(separator: ", ")
        return batches.count > 8 ? "\(shown), …" : shown
    }

    private func compare(open: ProcessCensus, closed: ProcessCensus, closing: Duration) throws {
        let rows = [("before", before), ("open", open), ("closed", closed)]
        try stage.tell("")
        try stage.tell(row("", "descriptors", "threads"))
        for (name, census) in rows { try stage.tell(row(name, census.descriptorCount, census.threadList)) }
        try stage.tell("")
        try stage.check(
            "close() took \(Figures.time(closing)) and left nothing behind", closed.isLevel(with: before))
    }

    private func row(_ name: String, _ descriptors: String, _ threads: String) -> String {
        Figures.left(name, 8) + Figures.right(descriptors, 11) + "   " + threads
    }
}

/// The reports of the store's thread, collected for this one.
private final class SweepLog: Sendable {
    private struct State {
        var batches: [Int] = []
        var latest = ContinuousClock.now
    }

    private let state = Mutex(State())

    func note(_ activity: TTLStore.ExpirerActivity) {
        state.withLock { state in
            state.latest = .now
            if case .purged(let count) = activity { state.batches.append(count) }
        }
    }

    var batches: [Int] { state.withLock { $0.batches } }

    /// Whether there was no report for a while.
    var isQuiet: Bool { state.withLock { !$0.batches.isEmpty && ContinuousClock.now - $0.latest > .milliseconds(200) } }
}
