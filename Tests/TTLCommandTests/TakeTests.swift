import TTLTestSupport
import Testing

@Suite("ttl take")
struct TakeTests {
    let ttl: CommandUnderTest

    init() throws { ttl = try CommandUnderTest() }

    @Test("ttl take prints the value byte for byte and removes it")
    func bytes() throws {
        #expect(try ttl.shell(#"printf '\377\000\n' | $ttl set key && $ttl take key"#).output == [0xFF, 0, 0x0A])
        let second = try ttl("take", "key")
        #expect(second.status == 1 && second.output == [] && second.errors == "")
    }

    @Test("ttl take finds nothing in a missing file, and makes none")
    func missing() throws {
        #expect(try ttl("take", "key").status == 1)
        #expect(try ttl.shell("ls \(ttl.folder.path)").text == "")
    }

    @Test("ttl take does not take an expired entry")
    func expired() throws {
        try ttl.addExpired(count: 1)
        #expect(try ttl("take", "expired:1").status == 1)
    }

    @Test("of several processes that take at the same time, one gets the value")
    func concurrent() throws {
        _ = try ttl("set", "key", "value")
        #expect(try ttl.shell("for n in 1 2 3 4 5 6; do $ttl take key & done | cat").text == "value")
    }
}
