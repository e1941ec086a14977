import Foundation
import TTLTestSupport
import Testing

@Suite("Which runs ttl run names, and in which scope") struct RunNamingTests {
    let count: CountedCommand
    var ttl: CommandUnderTest { count.ttl }

    init() throws { count = try CountedCommand() }

    @Test("--status and --forget of an own key need no command, and none that exists")
    func ownKey() throws {
        for command in ["", "-- no-such-command"] {
            #expect(try ttl.shell("$ttl run --status --key mine \(command)").text == "not stored\n")
            #expect(try ttl.shell("$ttl run --forget --key mine \(command)").text == "0\n")
            _ = try (count("--ttl 5m --key mine"), count("--ttl 5m --key other"), count("--ttl 5m"))
            let status = try ttl.shell("$ttl run --status --key mine \(command)")
            #expect(status.status == 0 && status.text.hasPrefix("stored "))
            #expect(try ttl.shell("$ttl run --forget --key mine \(command)").text == "1\n")
            #expect(try ttl.shell("$ttl run --status --key mine \(command)").status == 1)
            #expect(try ttl.shell("$ttl run --status --key other \(command)").status == 0)
        }
        #expect(try ttl.shell("$ttl run --status -- no-such-command").status == 127)
    }

    @Test("an own key that is called like a program is not among the program's runs")
    func keyLikeProgram() throws {
        _ = try (count("--ttl 5m --key count"), count("--ttl 5m"))
        #expect(try count("--forget --all").text == "1\n")
        #expect(try ttl.shell("$ttl run --status --key count").status == 0)
        #expect(try ttl.shell("$ttl run --forget --all").text == "1\n")
    }

    @Test("with --quiet, --status and --forget print nothing, and the exit status tells")
    func quiet() throws {
        for (option, statuses) in [("--status", [1, 0]), ("--status --json", [0, 0]), ("--forget", [0, 1])] {
            for status in statuses {
                let outcome = try count("--quiet \(option)")
                #expect((Int(outcome.status), outcome.text, outcome.errors) == (status, "", ""), "\(option)")
                if option == "--status" { _ = try count("--ttl 5m") }
            }
        }
    }

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
