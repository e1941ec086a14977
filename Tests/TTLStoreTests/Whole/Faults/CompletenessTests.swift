import Foundation
import TTLTestSupport
import Testing

@Suite(
    "Where nothing may be left out",
    .enabled(if: ProcessInfo.processInfo.environment["TTL_CI"] == "1", "TTL_CI=1 is for machines that run every test"))
struct CompletenessTests {
    @Test("this machine has what some tests need")
    func means() {
        #expect(SmallDisk.isPermitted, "a small tmpfs can't be mounted; be root, in a container that may mount")
        #expect(Census.isAvailable, "there is no /proc to count threads and descriptors in")
        #if compiler(<6.3)
        Issue.record("tests that run in a process of their own, with an argument, came with Swift 6.3")
        #endif
    }
}
