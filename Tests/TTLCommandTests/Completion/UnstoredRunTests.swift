#if os(Linux)
import TTLStore
import TTLTestSupport
import Testing

@testable import ttl

@Suite("What completion leaves out") struct UnstoredRunTests {
    let ttl: CommandUnderTest

    init() throws { ttl = try CommandUnderTest() }

    /// The keys that a shell's script is offered.
    private func keys(_ typed: String) throws -> [Substring] {
        try offered("get -- positional@0 2 \(typed.count) ttl get '\(typed)'")
    }

    private func offered(_ question: String) throws -> [Substring] {
        try ttl.shell("SAP_SHELL=fish $ttl ---completion \(question)").text.split(whereSeparator: \.isWhitespace)
    }

    @Test("keys and tags that runs leave behind for some seconds are not offered, those of stored runs are")
    func remains() throws {
        let store = try TTLStore(path: ttl.store)
        let remains = (1...250).map { UnstoredRun.key("ttl.run:true:\($0)") }
        try store.setAll((remains + ["ttl.run:true:1", "ttl.x"]).map { .init($0, .integer(1)) })
        for tag in [nil, "s"].map(RunKey.tag(scope:)) + ["ttl.runs"] {
            try store.set("of \(tag)", 1, tag: tag)
            try store.set("left of \(tag)", 1, tag: tag.hasSuffix("s") ? nil : UnstoredRun.tag(tag))
        }
        try store.set("left", 1, tag: UnstoredRun.tag(RunKey.tag(scope: "s")))
        store.close()
        #expect(try keys("ttl") == ["ttl.run:true:1", "ttl.x"])
        #expect(try keys("ttl.run.") == [])
        #expect(try offered("ls -- --tag 3 3 ttl ls --tag ttl") == ["ttl.run", "ttl.run:s", "ttl.runs"])
    }
}
#endif
