import Foundation
import TTLTestSupport
import Testing

@testable import TTLStore

/// The events of several clients, collected from several threads.
final class HistoryRecorder: @unchecked Sendable {
    // Sendable: the lock guards the events.
    private let lock = Lock()
    private var events: [HistoryEvent] = []
    private var places: [Place: Int] = [:]

    private struct Place: Hashable {
        var client: Int
        var begin: Int64
    }

    /// An event that is reported again has ended.
    func report(_ event: HistoryEvent) {
        lock.withLock {
            let place = Place(client: event.client, begin: event.begin)
            if let index = places[place] {
                events[index] = event
            } else {
                places[place] = events.count
                events.append(event)
            }
        }
    }

    var all: [HistoryEvent] { lock.withLock { events } }

    /// The events of calls with an unknown outcome.
    var pending: [HistoryEvent] { all.filter { $0.answer == nil } }

    func answers(where isWanted: (HistoryEvent.Answer) -> Bool) -> Int {
        all.compactMap(\.answer).count(where: isWanted)
    }

    /// Whether calls of different processes, whose clients have numbers of their own thousand, were made at one time.
    var processesOverlap: Bool {
        all.contains { event in
            all.contains {
                $0.client / 1000 != event.client / 1000 && $0.begin < event.end ?? 0 && event.begin < $0.end ?? 0
            }
        }
    }

    /// Reads the file at the end, and expects that some order explains everything.
    /// - Parameter failures: the codes of the errors with which calls may have ended, in addition to `timedOut` for a
    ///   value that another caller computes.
    func expectLegal(
        _ path: String, _ clock: ManualClock, failures: Set<String> = [], _ comment: Comment,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        var configuration = TTLStore.Configuration()
        configuration.clock = clock.wallClock
        let store = try TTLStore(path: path, configuration: configuration)
        let questions = HistoryClient.keys.map { ($0, HistoryEvent.Call.entry) } + [(HistoryClient.lease, .lease)]
        for (key, call) in questions {
            var event = HistoryEvent(client: -1, key: key, call: call, now: clock.now, begin: .max - 1)
            event.answer = try call.run(store, key)
            event.end = .max
            events.append(event)
        }
        store.close()
        for event in all {
            guard case .failed(let code) = event.answer, code != "timedOut", !failures.contains(code) else { continue }
            Issue.record("\(event.call) failed: \(code); \(comment)", sourceLocation: sourceLocation)
        }
        let flaw = HistoryCheck.flaw(all)
        #expect(flaw == nil, "\(comment): \(flaw ?? "")", sourceLocation: sourceLocation)
        try expectIntact(path, sourceLocation: sourceLocation)
    }
}

/// The seed of a test's random choices: a new one in each run, or `TTL_HISTORY_SEED` from the environment.
struct HistorySeed: CustomTestStringConvertible {
    let value =
        ProcessInfo.processInfo.environment["TTL_HISTORY_SEED"].flatMap { UInt64($0) } ?? .random(in: 0..<1 << 32)

    var testDescription: String { "TTL_HISTORY_SEED=\(value)" }
}
