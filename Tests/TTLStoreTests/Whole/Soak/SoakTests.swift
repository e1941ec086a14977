import Foundation
import TTLTestSupport
import Testing

@testable import TTLStore

@Suite("Eight processes that share a file for long", .timeLimit(.minutes(40))) struct SoakTests {
    /// How long, unless the environment says otherwise.
    private static let seconds =
        ProcessInfo.processInfo.environment["TTL_SOAK_SECONDS"].flatMap { Double($0) } ?? 20
    /// The clients' patience, plus two seconds for a slow machine.
    private static let longestWait: Int64 = (2 + 2) * 1_000_000_000
    private static let processes = 8

    @Test("eight processes, some killed at random, answer as if one did, wait within their time, and leave nothing")
    func soak() throws {
        let run = try SoakRun(processes: Self.processes)
        let end = ProcessInfo.processInfo.systemUptime + Self.seconds
        let shell = ForeignShell(run.path)
        onThreads(2) { number in
            if number == 0 {
                shell.disturb()
            } else {
                defer { shell.stop() }
                do {
                    while ProcessInfo.processInfo.systemUptime < end { try run.playWindow() }
                } catch { Issue.record("\(error); \(run.comment)") }
            }
        }
        #expect(run.windows > 0 && run.kills > 0 && shell.disturbances > 0, run.comment)
        #expect(run.longestWait <= Self.longestWait, "\(run.longestWait) ns; \(run.comment)")
        try run.end()
        try expectIntact(run.path)
    }
}

/// The clients' processes and their reports.
private final class SoakRun: @unchecked Sendable {
    // Sendable: one thread at a time uses it.
    let path: String
    let comment: Comment
    private(set) var windows = 0
    private(set) var kills = 0
    /// The longest time of an ended operation, in nanoseconds.
    private(set) var longestWait: Int64 = 0
    private let folder: TemporaryFolder
    private let seed = HistorySeed()
    private let clock = ManualClock()
    private var generator: SeededGenerator
    private var children: [ChildProcess] = []
    private var started = 0

    init(processes: Int) throws {
        folder = try TemporaryFolder()
        path = folder("store.db")
        comment = "\(seed.testDescription)"
        generator = SeededGenerator(seed: seed.value)
        try TTLStore(path: path).close()
        children = try (0..<processes).map { _ in try start() }
    }

    /// The processes' calls from an empty file on: few enough for the search for an order. No process is killed in the
    /// last round, so that processes grow old as well.
    func playWindow() throws {
        let recorder = HistoryRecorder()
        for round in 0..<4 {
            for child in children { child.send("\(clock.now) 4\n") }
            let victim = round < 3 ? Int.random(in: 0..<children.count, using: &generator) : nil
            if let victim {
                usleep(.random(in: 0...30_000, using: &generator))
                children[victim].kill(SIGKILL)
                kills += 1
            }
            for child in children { collect(child, recorder) }
            if let victim {
                #expect(children[victim].wait() == -SIGKILL, comment)
                children[victim] = try start()
            }
            clock.advance(by: .milliseconds(10))
        }
        try recorder.expectLegal(path, clock, failures: ["busy"], comment)
        longestWait = max(
            longestWait,
            recorder.all.compactMap { event in event.end.map { $0 - event.begin } }
                .filter { $0 < .max / 2 }.max() ?? 0)
        try empty()
        windows += 1
    }

    /// The processes that live close their stores.
    func end() throws {
        for child in children { child.closeInput() }
        for child in children {
            let numbers = child.readLines().last?.split(separator: " ").compactMap { Int($0) } ?? []
            #expect(child.wait() == 0, comment)
            try #require(numbers.count == 4, comment)
            #expect(numbers[2] <= numbers[0], "threads: \(numbers); \(comment)")
            #expect(numbers[3] <= numbers[1], "descriptors: \(numbers); \(comment)")
        }
    }

    /// Entries and leases with a time to live end by the clock.
    private func empty() throws {
        clock.advance(by: .seconds(1))
        var configuration = TTLStore.Configuration()
        configuration.clock = clock.wallClock
        let store = try TTLStore(path: path, configuration: configuration)
        for key in HistoryClient.keys { try store.remove(key) }
        store.close()
    }

    private func start() throws -> ChildProcess {
        started += 1
        let child = try otherProcess("soak", path, "\(started)", "\(seed.value)")
        #expect(child.readLine() == "ready", comment)
        return child
    }

    /// Until the child has printed everything, or has died.
    private func collect(_ child: ChildProcess, _ recorder: HistoryRecorder) {
        while let line = child.readLine(), line != "done" {
            if line.hasPrefix("longest ") {
                longestWait = max(longestWait, Int64(line.dropFirst(8)) ?? .max)
            } else {
                do {
                    recorder.report(try JSONDecoder().decode(HistoryEvent.self, from: Data(line.utf8)))
                } catch { Issue.record("\(line): \(error); \(comment)") }
            }
        }
    }
}

/// The `sqlite3` shell of a user that opens long readers and write locks now and then.
private final class ForeignShell: Sendable {
    private let path: String
    private let stops = Counter()
    private let count = Counter()

    init(_ path: String) { self.path = path }

    var disturbances: Int { count.value }

    func stop() { stops.add() }

    /// Until it is stopped.
    func disturb() {
        while stops.value == 0 {
            hold("BEGIN; SELECT count(*) FROM entries;", milliseconds: 1000)
            hold("BEGIN IMMEDIATE; SELECT 1;", milliseconds: 200)
            _ = eventually(within: 0.5) { stops.value > 0 }
        }
    }

    private func hold(_ sql: String, milliseconds: UInt32) {
        guard let shell = try? ChildProcess("/usr/bin/env", ["sqlite3", "-batch", path]) else { return }
        shell.send(".timeout 5000\n\(sql)\n")
        guard shell.readLine() != nil else { return }
        usleep(milliseconds * 1000)
        shell.send("ROLLBACK;\n")
        shell.closeInput()
        shell.wait()
        count.add()
    }
}
