import Foundation
import TTLTestSupport
import Testing

@testable import TTLStore

@Suite("Many entries that expire in the same millisecond") struct BacklogTests {
    private final class Batches: @unchecked Sendable {
        // Sendable: the lock guards the sizes.
        private let lock = Lock()
        private var sizes: [Int] = []

        func add(_ size: Int) { lock.withLock { sizes.append(size) } }

        var all: [Int] { lock.withLock { sizes } }
    }

    /// `TTL_BACKLOG=1000000` in the environment makes it a million.
    private let total = ProcessInfo.processInfo.environment["TTL_BACKLOG"].flatMap { Int($0) } ?? 200_000

    @Test("many entries of one millisecond are deleted in many batches, and another process writes in between")
    func sameMillisecond() throws {
        let folder = try TemporaryFolder()
        let path = folder("store.db")
        try makeBacklog(path, dead: total, kept: 10)
        let batches = Batches()
        var configuration = TTLStore.Configuration()
        configuration.onExpirerActivity = { activity in
            if case .purged(let count) = activity { batches.add(count) }
        }
        let other = try otherProcess("plain", path)
        #expect(other.readLine() == "ready")
        let store = try TTLStore(path: path, configuration: configuration)
        #expect(eventually { !batches.all.isEmpty })
        var written = 0
        while batches.all.reduce(0, +) < total,
            let answer = other.ask("INSERT INTO entries (key, value) VALUES ('other:\(written)', '')")
        {
            if answer == "0" { written += 1 }
        }
        other.closeInput()
        #expect(other.wait() == 0)
        let sizes = batches.all
        #expect(sizes.reduce(0, +) == total)
        #expect(sizes.count > 10 && (sizes.max() ?? 0) < total / 5, "\(sizes)")
        #expect(try store.count(.prefix("kept:")) == 10)
        #expect(written > 10)
        #expect(try store.count(.prefix("other:")) == written)
        store.close()
        try expectIntact(path)
    }
}
