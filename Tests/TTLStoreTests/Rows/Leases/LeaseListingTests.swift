import TTLTestSupport
import Testing

@testable import TTLStore

@Suite("The listing of leases") struct LeaseListingTests {
    @Test("all leases that are held are listed, sorted by the bytes of their names", arguments: Setting.all)
    func all(setting: Setting) async throws {
        let store = try setting.open()
        #expect(try await store.leases() == [])
        let names = ["b", "a", "é", "B", "a\u{0}", "ab", "\u{10FFFF}", String(repeating: "z", count: 1024)]
        for name in names { _ = try await store.acquireLease(name, for: .seconds(10), owner: "\(name.count)") }
        let listed = try await store.leases()
        #expect(listed.map(\.name) == names.sorted { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) })
        for lease in listed { #expect(try await store.lease(named: lease.name) == lease) }
    }

    @Test(
        "a prefix selects by bytes, and none of its characters has a meaning", arguments: Setting.all,
        [
            ("", 8), ("a", 3), ("ab", 1), ("abc", 0), ("%", 1), ("_", 1), ("e", 1), ("e\u{301}", 1), ("\u{e9}", 1),
            ("\u{10FFFF}", 1), (String(repeating: "n", count: 2000), 0),
        ])
    func prefix(setting: Setting, prefix: (text: String, count: Int)) async throws {
        let store = try setting.open()
        for name in ["a", "a ", "ab", "%", "_", "e\u{301}", "\u{e9}", "\u{10FFFF}"] {
            _ = try await store.acquireLease(name, for: .seconds(10))
        }
        let listed = try await store.leases(prefix: prefix.text)
        #expect(listed.count == prefix.count)
        #expect(listed.allSatisfy { $0.name.utf8.starts(with: prefix.text.utf8) })
    }

    @Test("leases that have run out or were released are not listed, nor is the store's own work")
    func leaving() async throws {
        let store = try Setting.inFile.open()
        try store.store.engine.write("test") { writer in
            try WorkClaim(name: "expirer").acquire(writer.connection, now: writer.clock.now)
        }
        _ = try await store.acquireLease("short", for: .seconds(1))
        let released = try #require(try await store.acquireLease("released", for: .seconds(10)))
        let long = try #require(try await store.acquireLease("long", for: .seconds(10)))
        _ = try await store.release(released)
        store.clock.advance(by: .seconds(1))
        #expect(try await store.leases() == [long])
        let seen = try await store.getOrCompute("key") { try store.store.leases().map(\.name).joined() }
        #expect(seen == "long")
        #expect(try await store.reopened { $0.access = .readOnly }.leases() == [long])
    }

    @Test("a transaction lists the leases that it acquires and releases")
    func transaction() throws {
        let opened = try Setting.inFile.open()
        try opened.store.transaction { (transaction) throws in
            let lease = try #require(try transaction.acquireLease("job", for: .seconds(10)))
            #expect(try transaction.leases(prefix: "j") == [lease])
            try transaction.release(lease)
            #expect(try transaction.leases() == [])
        }
    }

    @Test("a row that got past the constraints is listed as it can be read, or not at all")
    func damaged() async throws {
        let store = try Setting.inFile.open()
        try shell(
            store.path,
            """
            PRAGMA ignore_check_constraints = ON;
            INSERT INTO leases (kind, name, owner, expires_at) VALUES
                ('lease', 'a', x'ff', 1900000000000), ('lease', 'b', 'owner', 'soon'),
                ('lease', x'63', 'owner', 1900000000000), ('lease', 'd', 'owner', 1900000000000);
            """)
        #expect(try await store.leases(prefix: "d").map(\.name) == ["d"])
        #expect(try await store.leases().map(\.name) == ["a", "d"])
        #expect(try await store.leases().map(\.owner) == ["\u{FFFD}", "owner"])
    }

    @Test("a closed store lists no leases")
    func closed() async throws {
        let store = try Setting.inFile.open()
        await store.close()
        await expectFailure(.closed) { try await store.leases() }
    }
}
