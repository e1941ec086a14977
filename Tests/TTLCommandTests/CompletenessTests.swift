import Foundation
import Testing

@Suite(
    "Where nothing may be left out",
    .enabled(if: ProcessInfo.processInfo.environment["TTL_CI"] == "1", "TTL_CI=1 is for machines that run every test"))
struct CompletenessTests {
    @Test("this machine has what some tests need")
    func means() {
        #expect(hasScript, "there is no `script`, which gives a command a terminal")
        #expect(hasRedis, "there is no `redis-server` or no `redis-cli`")
        #if os(Linux)
        #expect(hasShells, "there is no bash, zsh or fish")
        #endif
        #expect(SurroundingsTests.canHideProcesses, "/proc can't be unmounted, in a mount namespace of its own")
    }
}
