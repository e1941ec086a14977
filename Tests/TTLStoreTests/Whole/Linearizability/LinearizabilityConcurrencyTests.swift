import Foundation
import TTLTestSupport
import Testing

@testable import TTLStore

@Suite("Histories of several clients")
struct LinearizabilityConcurrencyTests {
    private let folder: TemporaryFolder
    private let path: String
    private let clock = ManualClock()
    private let seed = HistorySeed()
    private let recorder = HistoryRecorder()

    init() throws {
        folder = try TemporaryFolder()
        path = folder("store.db")
    }

    @Test("the history of threads with one handle or two is linearizable", arguments: [1, 2])
    func threads(handles: Int) throws {
        let stores = try (0..<handles).map { _ in try open() }
        for round in 0..<8 { record(stores, round: round) }
        for store in stores { store.close() }
        try recorder.expectLegal(path, clock, comment)
        // The check sees one wrong answer among the many.
        var tampered = recorder.all
        let read = try #require(tampered.lastIndex { $0.call == .get && $0.client >= 0 })
        tampered[read].answer = .value(-7)
        #expect(HistoryCheck.flaw(tampered)?.contains("key \(tampered[read].key)") == true, comment)
        expectSharedWork()
    }

    @Test("the history of threads that compute one value together, and remove it, is linearizable", arguments: [1, 2])
    func computing(handles: Int) throws {
        let stores = try (0..<handles).map { _ in try open() }
        for round in 0..<12 { record(stores, round: round, calls: 40, computesOnly: true) }
        for store in stores { store.close() }
        try recorder.expectLegal(path, clock, comment)
    }

    /// Some values were computed and some found; some leases were free and some held.
    private func expectSharedWork() {
        var (computed, found, acquired, refused) = (0, 0, 0, 0)
        for event in recorder.all {
            switch (event.call, event.answer) {
            case (.getOrCompute(let value, _), .value(let result)):
                if value == result { computed += 1 } else { found += 1 }
            case (.acquire, .lease(let token)): if token != nil { acquired += 1 } else { refused += 1 }
            default: break
            }
        }
        #expect(computed > 0 && found > 0 && acquired > 0 && refused > 0, comment)
    }

    @Test("the history of threads that don't wait for locks is linearizable")
    func busy() throws {
        let stores = try (0..<4).map { _ in try open { $0.busyTimeout = .zero } }
        for round in 0..<8 { record(stores, round: round) }
        for store in stores { store.close() }
        try recorder.expectLegal(path, clock, failures: ["busy"], comment)
        #expect(recorder.answers { $0 == .failed("busy") } > 0, comment)
    }

    @Test("the history of several processes is linearizable")
    func processes() throws {
        let children = try (0..<3).map(startClients)
        for _ in 0..<6 {
            for child in children { child.send("\(clock.now) 12\n") }
            for child in children { collect(child) }
            clock.advance(by: .milliseconds(10))
        }
        for child in children { child.closeInput() }
        for child in children { #expect(child.wait() == 0) }
        try recorder.expectLegal(path, clock, comment)
        #expect(recorder.processesOverlap, comment)
        expectSharedWork()
    }

    @Test("the history of processes some of which are killed is linearizable")
    func killed() throws {
        var generator = SeededGenerator(seed: seed.value)
        var children = try (0..<3).map(startClients)
        // On a busy machine a process may be killed before it has begun, again and again.
        for round in 1..<40 where round < 8 || recorder.pending.isEmpty {
            for child in children { child.send("\(clock.now) 12\n") }
            usleep(.random(in: 0...6000, using: &generator))
            children[0].kill(SIGKILL)
            for child in children { collect(child) }
            #expect(children[0].wait() == -SIGKILL)
            children[0] = try startClients(2 + round)
            clock.advance(by: .milliseconds(10))
        }
        for child in children { child.closeInput() }
        for child in children { #expect(child.wait() == 0) }
        try recorder.expectLegal(path, clock, comment)
        #expect(!recorder.pending.isEmpty, comment)
    }

    #if compiler(>=6.3)
    @Test("the history of threads while reads and writes of the file fail is linearizable")
    func faults() async {
        await #expect(processExitsWith: .success) {
            try #require(Fault.install())
            try LinearizabilityConcurrencyTests().runWithFaults()
        }
    }
    #endif

    private func runWithFaults() throws {
        var generator = SeededGenerator(seed: seed.value)
        let store = try open()
        var failedCalls = 0
        for round in 0..<8 {
            for (index, call) in [Fault.Call.write, .read, .diskFull, .open].enumerated() {
                Fault(call: call, extent: .once, first: .random(in: 1...40, using: &generator)).begin()
                record([store], round: round * 10 + index, calls: 4)
                failedCalls += Fault.end()
            }
        }
        store.close()
        try recorder.expectLegal(
            path, clock, failures: ["ioError", "diskFull", "cannotOpen", "corrupt"], comment)
        #expect(failedCalls > 0, comment)
    }

    // MARK: Clients

    private var comment: Comment { "\(seed.testDescription)" }

    private func open(_ adjust: (inout TTLStore.Configuration) -> Void = { _ in }) throws -> TTLStore {
        var configuration = TTLStore.Configuration()
        configuration.clock = clock.wallClock
        adjust(&configuration)
        return try TTLStore(path: path, configuration: configuration)
    }

    /// Four threads at work. The clock moves when they have ended.
    private func record(_ stores: [TTLStore], round: Int, calls: Int = 25, computesOnly: Bool = false) {
        onThreads(4) { [recorder, clock, seed] thread in
            var client = HistoryClient(
                round * 10 + thread, stores[thread % stores.count], clock, seed: seed.value, computesOnly: computesOnly)
            client.run(calls: calls) { recorder.report($0) }
        }
        clock.advance(by: .milliseconds(10))
        for store in stores { store.engine.wakeExpirer() }
    }

    /// A process of three clients.
    private func startClients(_ number: Int) throws -> ChildProcess {
        let child = try otherProcess("history", path, "\(number)", "\(seed.value)", "3")
        #expect(child.readLine() == "ready")
        return child
    }

    /// Until the child has printed everything, or has died.
    private func collect(_ child: ChildProcess) {
        while let line = child.readLine(), line != "done" {
            do {
                recorder.report(try JSONDecoder().decode(HistoryEvent.self, from: Data(line.utf8)))
            } catch { Issue.record("\(line): \(error)") }
        }
    }
}
