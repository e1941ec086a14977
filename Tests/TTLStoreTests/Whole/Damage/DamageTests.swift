import Foundation
import TTLTestSupport
import Testing

/// `TTL_DAMAGE_RUNS` is how many damages are tried, 300 otherwise; `TTL_DAMAGE_SEED` the seed of the first one, the
/// others follow. A failure prints its seed.
@Suite("A store whose files were damaged") struct DamageTests {
    /// The longest time for one damage on a busy machine: it takes some hundredths of a second.
    private static let patience: TimeInterval = 60

    private static func variable(_ name: String) -> UInt64? {
        ProcessInfo.processInfo.environment[name].flatMap { UInt64($0) }
    }

    @Test(
        "a store with damaged files never crashes or hangs a process, and throws only the library's errors", .hangLimit)
    func random() throws {
        let folder = try TemporaryFolder()
        let maker = try otherProcess("damage-origin", folder("origin.db"))
        #expect(maker.readLine() == "made")
        #expect(maker.wait() == 0)
        let runs = DamageTests.variable("TTL_DAMAGE_RUNS") ?? 300
        let first = DamageTests.variable("TTL_DAMAGE_SEED") ?? .random(in: 0..<1 << 32)
        let all = (0..<runs).map { first &+ $0 }
        let outcomes = DamageOutcomes()
        onThreads(2) { thread in
            var seeds = all.enumerated().filter { $0.offset % 2 == thread }.map(\.element)
            while !seeds.isEmpty {
                let tried = outcomes.tryAll(seeds, folder("origin.db"), folder.path, DamageTests.patience)
                // A process that has ended early has tried at least one.
                seeds.removeFirst(max(1, tried))
            }
        }
        for trouble in outcomes.troubles { Issue.record("\(trouble); TTL_DAMAGE_SEED=\(first) was the first seed") }
        // The damages do harm, but not always so much that nothing can be tried.
        #expect(outcomes.ended > Int(runs) / 4 && outcomes.withErrors > Int(runs) / 20, "first seed \(first)")
        #expect(outcomes.tried == Int(runs))
    }
}

/// The outcomes of the damages.
private final class DamageOutcomes: @unchecked Sendable {
    // Sendable: the lock guards everything.
    private let lock = NSLock()
    private var all: [String] = []
    private var failures: [String] = []

    var troubles: [String] { lock.withLock { failures } }
    var tried: Int { lock.withLock { all.count } }
    /// The runs in which the store was opened and everything was tried.
    var ended: Int { lock.withLock { all.count { $0.hasPrefix("ended") } } }
    var withErrors: Int { lock.withLock { all.count { $0.hasPrefix("ended ") || $0.hasPrefix("refused") } } }

    /// - Returns: how many damages were tried, the last one perhaps not to its end.
    func tryAll(_ seeds: [UInt64], _ origin: String, _ folder: String, _ patience: TimeInterval) -> Int {
        let current = Collected<String>()
        let outcomes = Collected<String>()
        let ending: ChildEnding
        do {
            let child = try otherProcess("damage", origin, folder)
            child.send(seeds.map { "\($0)\n" }.joined())
            child.closeInput()
            ending = child.followed(silentFor: patience) { line in
                if line.first?.isNumber == true { current.append(line) } else { outcomes.append(line) }
            }
        } catch { ending = .failed("\(error)") }
        let (begun, done) = (current.all, outcomes.all)
        lock.withLock {
            all += done
            for (seed, outcome) in zip(begun, done) where outcome.hasPrefix("complaint") {
                failures.append("\(seed): \(outcome)")
            }
            guard ending != .ended || begun.count > done.count else { return }
            failures.append("seed \(begun.last ?? "?"): \(ending)")
            if begun.count > done.count { all.append("\(ending)") }
        }
        return begun.count
    }
}
