import Foundation
import TTLTestSupport
import Testing

@testable import TTLStore

@Suite("Leases") struct LeaseTests {
    @Test("one owner gets the lease, and the next one gets it when it has run out", arguments: Setting.all)
    func expiry(setting: Setting) async throws {
        let store = try setting.open()
        let first = try #require(try await store.acquireLease("job", for: .milliseconds(1000)))
        #expect(try await store.acquireLease("job", for: .seconds(1)) == nil)
        store.clock.advance(by: .milliseconds(999))
        #expect(try await store.acquireLease("job", for: .seconds(1)) == nil)
        #expect(try await store.lease(named: "job") == first)
        store.clock.advance(by: .milliseconds(1))
        #expect(try await store.lease(named: "job") == nil)
        let second = try #require(try await store.acquireLease("job", for: .seconds(1)))
        #expect(second.token > first.token)
    }

    @Test("a lease has its name, its owner and its end", arguments: Setting.all)
    func fields(setting: Setting) async throws {
        let store = try setting.open()
        let named = try #require(try await store.acquireLease("a", for: .microseconds(1500), owner: "alice"))
        #expect(named.name == "a" && named.owner == "alice")
        #expect(named.expiresAt == store.clock.date(after: 2))
        let unnamed = try #require(try await store.acquireLease("b", for: .seconds(1)))
        #expect(unnamed.owner == "process \(ProcessInfo.processInfo.processIdentifier)")
        #expect(try await store.lease(named: "b") == unnamed)
        #expect(try await store.lease(named: "c") == nil)
    }

    @Test("a closure runs under a lease, which ends with the closure, however that ends", arguments: Setting.all)
    func closure(setting: Setting) async throws {
        struct Failure: Error {}
        let opened = try setting.open()
        let store = opened.store
        let seen = try await opened.withLease(named: "job", for: .seconds(1)) { lease in
            #expect(try store.lease(named: "job") == lease)
            let second = try store.withLease(named: "job", for: .seconds(1)) { $0.token }
            #expect(second == nil)
            return lease.token
        }
        #expect(seen != nil)
        #expect(try await opened.lease(named: "job") == nil)
        await #expect(throws: Failure.self) {
            try await opened.withLease(named: "job", for: .seconds(1)) { _ in throw Failure() }
        }
        #expect(try await opened.lease(named: "job") == nil)
        await #expect(throws: TTLStoreError.self) {
            try await opened.withLease(named: "job", for: .zero) { _ in Issue.record("it has run") }
        }
    }

    @Test("withLease does not release a lease that ran out under the closure and has a new owner")
    func lateClosure() throws {
        let opened = try Setting.inFile.open()
        let store = opened.store
        try store.withLease(named: "job", for: .seconds(1)) { (_) throws in
            opened.clock.advance(by: .seconds(2))
            #expect(try store.acquireLease("job", for: .seconds(10), owner: "next") != nil)
        }
        #expect(try store.lease(named: "job")?.owner == "next")
    }

    @Test("an owner can't acquire a lease that it holds already", arguments: Setting.all)
    func sameOwner(setting: Setting) async throws {
        let store = try setting.open()
        #expect(try await store.acquireLease("job", for: .seconds(1), owner: "me") != nil)
        #expect(try await store.acquireLease("job", for: .seconds(1), owner: "me") == nil)
    }

    @Test("the token grows across releases, expiries, other names, and reopening of the file")
    func tokens() async throws {
        var store = try Setting.inFile.open()
        var last: Int64 = 0
        for round in 0..<12 {
            let name = "job \(round % 3)"
            let lease = try #require(try await store.acquireLease(name, for: .seconds(1)))
            #expect(lease.token > last)
            last = lease.token
            if round % 2 == 0 {
                #expect(try await store.release(lease))
            } else {
                store.clock.advance(by: .seconds(1))
            }
            if round % 4 == 3 { store = try store.reopened() }
        }
        #expect(try await store.lease(named: "job 2") == nil)
        try expectIntact(store.path)
    }

    @Test("the token grows also if no lease is left in a file that is reopened, vacuumed or restored")
    func tokensOfEmptyTable() throws {
        let store = try Setting.inFile.open()
        let folder = try TemporaryFolder()
        var last = try acquireAndRelease(store, after: 0)
        let again = try store.reopened()
        last = try acquireAndRelease(again, after: last)
        try again.store.vacuum()
        last = try acquireAndRelease(again, after: last)
        try again.store.backup(to: folder("copy.db"))
        let copy = try TTLStore(path: folder("copy.db"), configuration: again.store.configuration)
        #expect(try #require(try copy.acquireLease("job", for: .seconds(1))).token > last)
        copy.close()
    }

    /// Finds and leaves no row in the table, not even one of the store's own.
    private func acquireAndRelease(_ store: StoreUnderTest, after last: Int64) throws -> Int64 {
        try shell(store.path, "DELETE FROM leases;")
        let lease = try #require(try store.store.acquireLease("job", for: .seconds(1)))
        #expect(lease.token > last)
        #expect(try store.store.release(lease))
        #expect(try shell(store.path, "DELETE FROM leases; SELECT count(*) FROM leases;") == "0")
        return lease.token
    }

    @Test("a renewed lease keeps its token and ends later, or earlier", arguments: Setting.all)
    func renewing(setting: Setting) async throws {
        let store = try setting.open()
        let lease = try #require(try await store.acquireLease("job", for: .seconds(10), owner: "me"))
        store.clock.advance(by: .seconds(9))
        let later = try #require(try await store.renew(lease, for: .seconds(10)))
        #expect(later.token == lease.token && later.owner == "me" && later.name == "job")
        #expect(later.expiresAt == store.clock.date(after: 10_000))
        #expect(try await store.lease(named: "job") == later)
        store.clock.advance(by: .seconds(9))
        #expect(try await store.acquireLease("job", for: .seconds(1)) == nil)
        // The first value names the same lease.
        let earlier = try #require(try await store.renew(lease, for: .milliseconds(1)))
        #expect(earlier.expiresAt == store.clock.date(after: 1))
        store.clock.advance(by: .milliseconds(1))
        #expect(try await store.acquireLease("job", for: .seconds(1)) != nil)
    }

    @Test("a lease that has run out is not renewed, whether or not it has a new owner", arguments: Setting.all)
    func renewingTooLate(setting: Setting) async throws {
        let store = try setting.open()
        let lease = try #require(try await store.acquireLease("job", for: .seconds(1)))
        store.clock.advance(by: .seconds(1))
        #expect(try await store.renew(lease, for: .seconds(5)) == nil)
        let next = try #require(try await store.acquireLease("job", for: .seconds(1)))
        #expect(try await store.renew(lease, for: .seconds(5)) == nil)
        #expect(try await store.lease(named: "job") == next)
        #expect(try await store.release(next))
        #expect(try await store.renew(next, for: .seconds(5)) == nil)
        #expect(try await store.lease(named: "job") == nil)
    }

    @Test("a lease is released once, and only by its holder", arguments: Setting.all)
    func releasing(setting: Setting) async throws {
        let store = try setting.open()
        let lease = try #require(try await store.acquireLease("job", for: .seconds(1)))
        #expect(try await store.release(lease))
        #expect(try await store.release(lease) == false)
        let late = try #require(try await store.acquireLease("job", for: .seconds(1)))
        store.clock.advance(by: .seconds(1))
        #expect(try await store.release(late) == false)
        let next = try #require(try await store.acquireLease("job", for: .seconds(1)))
        #expect(try await store.release(late) == false)
        #expect(try await store.lease(named: "job") == next)
    }

    @Test("a clock that is set back keeps a lease for longer", arguments: Setting.all)
    func clockSetBack(setting: Setting) async throws {
        let store = try setting.open()
        let lease = try #require(try await store.acquireLease("job", for: .seconds(1)))
        store.clock.advance(by: .seconds(-1000))
        #expect(try await store.acquireLease("job", for: .seconds(1)) == nil)
        #expect(try await store.renew(lease, for: .seconds(1))?.expiresAt == store.clock.date(after: 1000))
    }

    @Test(
        "names of leases are compared by their bytes, and are independent of keys and of the store's own work",
        arguments: Setting.all)
    func names(setting: Setting) async throws {
        let store = try setting.open()
        let names = [
            "a", "A", " ", "a\u{0}b", "a\u{0}c", "line\nline", "'quoted\"", "👩‍🚀", "e\u{301}", "\u{e9}", "expirer",
            "checkpoint", String(repeating: "n", count: 1024),
        ]
        for name in names { #expect(try await store.acquireLease(name, for: .seconds(1)) != nil) }
        for name in names {
            #expect(try await store.lease(named: name)?.name == name)
            #expect(try await store.acquireLease(name, for: .seconds(1)) == nil)
        }
        #expect(try await store.count() == 0)
    }

    @Test("leases whose names are used once don't pile up, and the store's own rows stay", arguments: Setting.all)
    func cleaning(setting: Setting) async throws {
        let store = try setting.open()
        try store.store.engine.write("test") { writer in
            try WorkClaim(name: "expirer").acquire(writer.connection, now: writer.clock.now)
        }
        for number in 0..<100 { #expect(try await store.acquireLease("early \(number)", for: .seconds(1)) != nil) }
        store.clock.advance(by: .seconds(5))
        for number in 0..<20 {
            #expect(try await store.acquireLease("late \(number)", for: .seconds(1)) != nil)
            store.clock.advance(by: .seconds(1))
        }
        let rows = try store.store.engine.read("test") { reader in
            try reader.connection.integer("SELECT count(*) * 1000 + sum(kind = 'store') FROM leases")
        }
        // The last lease, and the store's own rows.
        #expect(rows == 2001)
    }
}
