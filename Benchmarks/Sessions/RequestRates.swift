#if Hummingbird
import Foundation
import Synchronization

/// Requests to an application by HTTP, whose sessions are in a store or in memory.
enum RequestRates: Benchmark {
    static let name = "requests"
    static let summary = "requests per second with SessionMiddleware, against Hummingbird's driver in memory"

    private static let users = 1000
    private static let connections = 8
    /// In the mix, one request of so many changes its session.
    private static let oneWriteIn = 20

    static func run(_ workshop: Workshop) async throws -> [Row] {
        let store = try ServerProcess(.store, users: users, path: workshop.newPath())
        let memory = try ServerProcess(.memory, users: users, path: workshop.newPath())
        let duration: Duration = workshop.options.isQuick ? .milliseconds(100) : .seconds(2)
        for server in [store, memory] { _ = try visits(server, for: duration, writes: true) }
        var rows: [Row] = []
        for writes in [false, true] {
            let rounds = try await Rounds(workshop.options.roundCount) { party in
                try visits(party == .measured ? store : memory, for: duration, writes: writes)
            }
            let ratio = rounds.ratio { $0.rate }
            rows.append(
                Row(
                    work: writes
                        ? "… with a change of the session in one of \(oneWriteIn) requests"
                        : "requests that read the session, \(connections) connections; against `MemoryPersistDriver`",
                    figure: Format.perSecond(rounds.median(.measured) { $0.rate }),
                    yardstick: Format.perSecond(rounds.median(.yardstick) { $0.rate }), ratio: Format.ratio(ratio),
                    target: writes ? "–" : "≥ 0.8", isMet: writes ? nil : ratio >= 0.8))
            rows.append(
                Row(
                    work: "… the server's processor time for a request",
                    figure: Format.microseconds(rounds.median(.measured) { $0.processorTime }),
                    yardstick: Format.microseconds(rounds.median(.yardstick) { $0.processorTime }),
                    ratio: Format.ratio(rounds.ratio { $0.processorTime })))
        }
        try store.stop()
        try memory.stop()
        return rows
    }

    private struct Outcome {
        /// Requests in a second.
        var rate: Double
        /// Of the server for one request, in seconds.
        var processorTime: Double
    }

    /// Sends requests on all connections at once, each from a thread of its own.
    private static func visits(_ server: ServerProcess, for duration: Duration, writes: Bool) throws -> Outcome {
        let reads = server.cookies.map { Visitor.request("/", cookie: $0) }
        let changes = server.cookies.map { Visitor.request("/visit", cookie: $0) }
        let port = server.port
        let sum = Mutex((count: 0, failure: (any Error)?.none))
        let done = DispatchGroup()
        let before = server.processorTime ?? .nan
        let begun = ContinuousClock.now
        for _ in 0..<connections {
            done.enter()
            Thread.detachNewThread {
                let outcome = Swift.Result {
                    let visitor = try Visitor(port: port)
                    var count = 0
                    while ContinuousClock.now < begun + duration {
                        count += 1
                        let requests = writes && count.isMultiple(of: oneWriteIn) ? changes : reads
                        try visitor.visit(requests[Int.random(in: 0..<requests.count)])
                    }
                    return count
                }
                sum.withLock { sum in
                    switch outcome {
                    case .success(let count): sum.count += count
                    case .failure(let error): sum.failure = error
                    }
                }
                done.leave()
            }
        }
        done.wait()
        let time = (ContinuousClock.now - begun).inSeconds
        let processorTime = (server.processorTime ?? .nan) - before
        let (count, failure) = sum.withLock { ($0.count, $0.failure) }
        if let failure { throw failure }
        return Outcome(rate: Double(count) / time, processorTime: processorTime / Double(count))
    }
}
#endif
