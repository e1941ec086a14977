import Foundation
import TTLTestSupport
import Testing

@Suite("What ttl run replays with a stream that is lost", .enabled(if: isLinux)) struct RunReplayTests {
    let ttl: CommandUnderTest

    init() throws { ttl = try CommandUnderTest() }

    /// A redirection to a full device, to nothing, or to a pipe without a reader, and what is left.
    struct Loss: CustomTestStringConvertible {
        let testDescription: String
        let output: String
        var errors = ""

        init(_ redirection: String, output: String, errors: String = "") {
            (testDescription, self.output, self.errors) = (redirection, output, errors)
        }
    }

    @Test(
        "is what the first run has printed, with its status",
        arguments: [
            Loss("2>/dev/full", output: "o1\no2\n5\n"), Loss("2>&-", output: "o1\no2\n5\n"),
            Loss("2>&9", output: "o1\no2\n5\n"),
            Loss(
                ">/dev/full", output: "2\n", errors: "e1\ne2\nttl: run: standard output: No space left on device\n"),
            Loss(">&-", output: "2\n", errors: "e1\ne2\nttl: run: standard output: Bad file descriptor\n"),
            Loss(">&9", output: "141\n", errors: "e1\ne2\n"), Loss(">&9 2>&9", output: "141\n"),
            Loss(">/dev/full 2>&-", output: "2\n"),
        ])
    func lost(loss: Loss) throws {
        let run = "$ttl run --ttl 5m -- sh -c 'echo o1; echo e1 >&2; echo o2; echo e2 >&2; exit 5'"
        let outcome = try ttl.shell(
            """
            cd "$TMPDIR"; mkfifo pipe; exec 8<>pipe 9>pipe 8<&-
            for n in 1 2; do \(run) \(loss.testDescription); echo $?; $ttl ls | wc -l; done
            """)
        #expect(outcome.text == String(repeating: "\(loss.output)1\n", count: 2))
        #expect(outcome.errors == String(repeating: loss.errors, count: 2))
    }

    @Test("ends when it is told to, also while its reader takes nothing")
    func interrupted() throws {
        let line = ["run", "--ttl", "5m", "--", "sh", "-c", "echo begin; head -c 1000000 /dev/zero"]
        _ = try ttl.start(arguments: line).readAll()
        let replay = try ttl.start(arguments: line)
        #expect(replay.readLine() == "begin")
        replay.kill(SIGTERM)
        #expect(eventually { !replay.isRunning })
        replay.kill(SIGKILL)
        #expect(replay.wait() == -SIGTERM)
    }
}
