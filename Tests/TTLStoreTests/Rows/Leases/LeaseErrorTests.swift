import TTLTestSupport
import Testing

@testable import TTLStore

@Suite("Leases and bad input") struct LeaseErrorTests {
    static let absurd: [Duration] = [
        .zero, .seconds(-1), .nanoseconds(-1), .seconds(Int64.max), .seconds(Int64.min), .milliseconds(Int64.max),
    ]

    @Test("an invalid duration of a lease is refused, and nothing is changed", arguments: Setting.all, absurd)
    func absurdTimes(setting: Setting, duration: Duration) async throws {
        let store = try setting.open()
        let held = try #require(try await store.acquireLease("held", for: .seconds(1)))
        await expectFailure(.invalidExpiry) { try await store.acquireLease("job", for: duration) }
        await expectFailure(.invalidExpiry) { try await store.acquireLease("held", for: duration) }
        await expectFailure(.invalidExpiry) { try await store.renew(held, for: duration) }
        #expect(try await store.lease(named: "job") == nil)
        #expect(try await store.lease(named: "held") == held)
        #expect(try await store.acquireLease("job", for: .seconds(1))?.token == held.token + 1)
    }

    @Test("the longest lease lasts up to the last millisecond of the year 9999", arguments: Setting.all)
    func longest(setting: Setting) async throws {
        let store = try setting.open()
        let rest = Duration.milliseconds(TimeConversion.latest - store.clock.now)
        await expectFailure(.invalidExpiry) {
            try await store.acquireLease("job", for: rest + .nanoseconds(1))
        }
        let lease = try #require(try await store.acquireLease("job", for: rest))
        #expect(try await store.release(lease))
        #expect(try await store.acquireLease("job", for: .nanoseconds(1))?.expiresAt == store.clock.date(after: 1))
    }

    @Test(
        "the name and the owner of a lease have 1 to 1024 bytes of UTF-8", arguments: Setting.all,
        ["", String(repeating: "n", count: 1025), String(repeating: "é", count: 513)])
    func names(setting: Setting, name: String) async throws {
        let store = try setting.open()
        let error = await expectFailure(.invalidArgument) { try await store.acquireLease(name, for: .seconds(1)) }
        #expect(error?.message.contains("1 to 1024 bytes") == true)
        await expectFailure(.invalidArgument) { try await store.acquireLease("job", for: .seconds(1), owner: name) }
        await expectFailure(.invalidArgument) { try await store.lease(named: name) }
        #expect(try await store.lease(named: "job") == nil)
    }

    @Test("a read-only store shows leases and changes none; a closed one does neither")
    func otherStores() async throws {
        let writable = try Setting.inFile.open()
        let lease = try #require(try await writable.acquireLease("job", for: .seconds(1)))
        let store = try writable.reopened { $0.access = .readOnly }
        #expect(try await store.lease(named: "job") == lease)
        await expectFailure(.readOnlyStore) { try await store.acquireLease("other", for: .seconds(1)) }
        await expectFailure(.readOnlyStore) { try await store.renew(lease, for: .seconds(1)) }
        await expectFailure(.readOnlyStore) { try await store.release(lease) }
        await store.close()
        await expectFailure(.closed) { try await store.acquireLease("other", for: .seconds(1)) }
        await expectFailure(.closed) { try await store.renew(lease, for: .seconds(1)) }
        await expectFailure(.closed) { try await store.release(lease) }
        await expectFailure(.closed) { try await store.lease(named: "job") }
    }

    @Test(
        "a row that got past the constraints does not hold a lease for ever",
        arguments: ["'soon'", "x'ff'", "-1", "-9223372036854775808", "1.5"])
    func damaged(expiresAt: String) async throws {
        let store = try Setting.inFile.open()
        try shell(
            store.path,
            """
            PRAGMA ignore_check_constraints = ON;
            INSERT INTO leases (kind, name, owner, expires_at) VALUES ('lease', 'job', x'ff', \(expiresAt));
            """)
        #expect(try await store.lease(named: "job") == nil)
        let lease = try #require(try await store.acquireLease("job", for: .seconds(1)))
        #expect(try await store.lease(named: "job") == lease)
    }

    @Test("a lease that was made in the shell is held, and deleting it there ends it")
    func madeByHand() async throws {
        let store = try Setting.inFile.open()
        try shell(
            store.path,
            "INSERT INTO leases (kind, name, owner, expires_at) VALUES ('lease', 'job', 'a person', 1800000060000);")
        #expect(try await store.acquireLease("job", for: .seconds(1)) == nil)
        #expect(try await store.lease(named: "job")?.owner == "a person")
        try shell(store.path, "DELETE FROM leases WHERE name = 'job';")
        #expect(try await store.acquireLease("job", for: .seconds(1)) != nil)
    }

    @Test(
        "the shell refuses invalid leases and says why",
        arguments: [
            ("'other', 'n', 'o', 1800000000000", "kind is lease, compute or store"),
            ("'', 'n', 'o', 1800000000000", "kind is lease, compute or store"),
            ("NULL, 'n', 'o', 1800000000000", "NOT NULL constraint failed: leases.kind"),
            ("'lease', '', 'o', 1800000000000", "name is text of 1 to 1024 bytes"),
            ("'lease', x'00', 'o', 1800000000000", "name is text of 1 to 1024 bytes"),
            ("'lease', hex(zeroblob(513)), 'o', 1800000000000", "name is text of 1 to 1024 bytes"),
            ("'lease', 'n', '', 1800000000000", "owner is text of 1 to 1024 bytes"),
            ("'lease', 'n', 'o', 1800000000", "expires_at is in milliseconds since 1970 (not seconds)"),
            ("'lease', 'held', 'o', 1800000000000", "UNIQUE constraint failed: leases.kind, leases.name"),
        ])
    func refused(values: String, reason: String) async throws {
        let store = try Setting.inFile.open()
        #expect(try await store.acquireLease("held", for: .seconds(1)) != nil)
        let answer = try ChildProcess.sqlite3(
            store.path, "INSERT INTO leases (kind, name, owner, expires_at) VALUES (\(values));")
        #expect(answer.status != 0)
        #expect(answer.errors.contains(reason), "\(answer.errors)")
    }
}
