import TTLTestSupport
import Testing

/// Lets closures wait until a test says so.
final class Gate: @unchecked Sendable {
    // Sendable: `task` is set before the gate is opened, and read afterwards; the counters are atomic.
    private let openings = Counter()
    private let arrivals = Counter()
    private(set) var task: Task<Int, any Error>?

    func keep(_ task: Task<Int, any Error>) { self.task = task }

    func open() { openings.add() }

    var isOpen: Bool { openings.value > 0 }

    /// How many wait, or have waited.
    var arrived: Int { arrivals.value }

    /// Blocks until the gate is open.
    func pass() {
        arrivals.add()
        #expect(eventually { isOpen })
    }

    /// Suspends until the gate is open.
    func opened() async {
        arrivals.add()
        #expect(await eventuallyWithoutBlocking { isOpen })
    }
}
