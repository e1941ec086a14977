import Foundation
import TTLTestSupport
import Testing

@Suite("Those who wait for a run that is not stored", .enabled(if: isLinux)) struct RunSharingTests {
    let gate: GatedCommand
    var ttl: CommandUnderTest { gate.ttl }

    init() throws { gate = GatedCommand(ttl: try CommandUnderTest()) }

    /// A run that is gone when it has ended.
    struct Passing: CustomTestStringConvertible {
        let testDescription: String
        var options: [String] = []
        let end: String
        let status: Int32
    }

    private static let passing = [
        Passing(testDescription: "a failure", options: ["--discard-failures"], end: "echo done >&2; exit 3", status: 3),
        Passing(testDescription: "ended by a signal", end: "echo done >&2; kill -9 $$", status: 137),
        Passing(testDescription: "stored for a moment", options: ["--ttl", "1ms"], end: "echo done >&2", status: 0),
    ]

    @Test("share its output and status, and a later call runs anew", arguments: passing)
    func shared(run: Passing) throws {
        let runner = try gate.start(options: run.options, end: run.end)
        let command = try #require(runner.readLine())
        let waiters = try (0..<5).map { _ in try gate.start(options: run.options, end: run.end) }
        for waiter in waiters { #expect(waiter.hasBegunToWait()) }
        try gate.open()
        for waiter in waiters {
            #expect(String(decoding: waiter.readAll(), as: UTF8.self) == "\(command)\n")
            #expect(waiter.readErrors() == "done\n")
            #expect(waiter.wait() == run.status)
        }
        #expect(runner.wait() == run.status)
        #expect(gate.runs() == 1)
        let later = try gate.start(options: run.options, end: run.end)
        #expect(later.readLine() != command)
        #expect(later.wait() == run.status)
        #expect(gate.runs() == 2)
    }

    @Test("run side by side, while it still runs, where its output is too large to be shared")
    func tooLarge() throws {
        let children = try (0..<5).map { _ in try gate.start(options: ["--max-size", "1"]) }
        #expect(eventually { gate.runs() == 5 })
        try gate.open()
        for child in children {
            #expect(child.readLine() != nil)
            #expect(child.readLine() == "done")
            #expect(child.wait() == 0)
        }
    }

    @Test("with room for more output make one run that is stored, where one's output was too large")
    func larger() throws {
        let first = try gate.start(options: ["--max-size", "1"])
        #expect(eventually { gate.runs() == 1 })
        let others = try (0..<3).map { _ in try gate.start() }
        #expect(eventually { gate.runs() == 2 })
        try gate.open()
        #expect(([first] + others).allSatisfy { $0.wait() == 0 })
        #expect(gate.runs() == 2)
        #expect(Set(others.map { String(decoding: $0.readAll(), as: UTF8.self) }).count == 1)
    }

    @Test("are followed by one runner alone when a runner is killed, also where failures are not stored")
    func killed() throws {
        let options = ["--discard-failures"]
        let runner = try gate.start(options: options, end: "exit 3")
        #expect(runner.readLine() != nil)
        let waiters = try (0..<5).map { _ in try gate.start(options: options, end: "exit 3") }
        for waiter in waiters { #expect(waiter.hasBegunToWait()) }
        runner.kill(SIGKILL)
        #expect(eventually { gate.runs() == 2 })
        try gate.open()
        #expect(waiters.allSatisfy { $0.wait() == 3 })
        #expect(gate.runs() == 2)
    }

    @Test("take nothing over from a runner that was told to end: one of them runs the command")
    func interrupted() throws {
        let runner = try gate.start()
        let command = try #require(runner.readLine())
        let waiter = try gate.start()
        #expect(waiter.hasBegunToWait())
        runner.kill(SIGTERM)
        #expect(runner.wait() == -SIGTERM)
        #expect(waiter.readLine() != command)
        try gate.open()
        #expect(waiter.wait() == 0)
    }
}
