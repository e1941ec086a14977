import Foundation
import TTLTestSupport
import Testing

@Suite("A command that ttl run starts in the background", .enabled(if: isLinux)) struct RunBackgroundTests {
    let gate: GatedCommand
    var ttl: CommandUnderTest { gate.ttl }

    init() throws { gate = GatedCommand(ttl: try CommandUnderTest()) }

    /// A line that prints whether a lock on the file `lock` is free while the gated command runs.
    private func lockBeside(_ run: String) -> String {
        """
        cd "$TMPDIR"
        (flock 9; \(run) -- sh -c "$S") 9>lock
        until test -s gate.runs; do sleep 0.02; done
        flock -n lock true; echo $?
        """
    }

    @Test("keeps no file open that its caller had open, and so holds no lock of it")
    func warm() throws {
        let outcome = try ttl.shell(lockBeside("$ttl run --ttl 5m --warm"), environment: ["S": gate.script()])
        try gate.open()
        #expect((outcome.text, outcome.errors) == ("0\n", ""))
    }

    @Test("keeps none open when it refreshes a stale run")
    func stale() throws {
        try gate.open()
        #expect(try ttl.shell("$ttl run --ttl 5m -- sh -c \"$S\"", environment: ["S": gate.script()]).status == 0)
        try FileManager.default.removeItem(atPath: ttl.folder("gate"))
        try FileManager.default.removeItem(atPath: ttl.folder("gate.runs"))
        let outcome = try ttl.shell(
            lockBeside("$ttl run --ttl 5m --stale 1ms >stale"), environment: ["S": gate.script()])
        try gate.open()
        #expect((outcome.text, outcome.errors) == ("0\n", ""))
    }

    @Test("is the only one of which that is true: in the foreground a command has what its caller has open")
    func foreground() throws {
        let outcome = try ttl.shell(
            "cd \"$TMPDIR\"; $ttl run --ttl 5m -- sh -c 'echo text >&7' 7>seven; cat seven")
        #expect((outcome.text, outcome.errors) == ("text\n", ""))
    }
}
