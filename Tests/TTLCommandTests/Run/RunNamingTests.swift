import Foundation
import TTLTestSupport
import Testing

@Suite("Which runs ttl run names, and in which scope") struct RunNamingTests {
    let count: CountedCommand
    var ttl: CommandUnderTest { count.ttl }

    init() throws { count = try CountedCommand() }

    @Test("a runner that was killed is not told to run", .enabled(if: isLinux))
    func killed() throws {
        let gate = GatedCommand(ttl: ttl)
        let runner = try gate.start()
        #expect(runner.readLine() != nil)
        let status = { try ttl.shell("$ttl run --status -- sh -c \"$S\"", environment: ["S": gate.script()]).text }
        #expect(try status().hasPrefix("not stored, being run by process \(runner.identifier) on "))
        runner.kill(SIGKILL)
        runner.wait()
        #expect(try status() == "not stored\n")
    }

    @Test(
        "a scope of the environment that is too long or not UTF-8 is refused in each form, and nothing runs",
        arguments: ["$(printf %0600d 1)", "$(printf %01100d 1)", "$(printf '\\377')"], ["--ttl 1m", "--ttl=1m"])
    func scopeOfEnvironment(scope: String, form: String) throws {
        let outcome = try ttl.shell("cd \"$TMPDIR\"; TTL_RUN_SCOPE=\(scope) $ttl run \(form) -- touch ran")
        #expect(outcome.status == 64)
        #expect(outcome.errors.contains("TTL_RUN_SCOPE") && outcome.errors.split(separator: "\n").count == 1)
        #expect(!FileManager.default.fileExists(atPath: ttl.folder("ran")))
    }

    @Test("a scope of the option has precedence over one of the environment that is refused")
    func scopeOfOption() throws {
        let long = String(repeating: "s", count: 600)
        #expect(try count("--ttl 5m --scope s", "", ["TTL_RUN_SCOPE": long]).status == 0)
        #expect(try count("--ttl 5m --scope '\(long)'").errors.hasPrefix("ttl: --scope: "))
    }
}
