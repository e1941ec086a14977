@testable import TTLStore

extension StoreUnderTest {
    func acquireLease(
        _ name: String, for duration: Duration, owner: String? = nil
    ) async throws -> TTLStore.Lease? {
        try await call(
            { try store.acquireLease(name, for: duration, owner: owner) },
            { try await store.acquireLease(name, for: duration, owner: owner) })
    }

    func renew(_ lease: TTLStore.Lease, for duration: Duration) async throws -> TTLStore.Lease? {
        try await call({ try store.renew(lease, for: duration) }, { try await store.renew(lease, for: duration) })
    }

    func release(_ lease: TTLStore.Lease) async throws -> Bool {
        try await call({ try store.release(lease) }, { try await store.release(lease) })
    }

    func lease(named name: String) async throws -> TTLStore.Lease? {
        try await call({ try store.lease(named: name) }, { try await store.lease(named: name) })
    }

    func leases(prefix: String = "") async throws -> [TTLStore.Lease] {
        try await call({ try store.leases(prefix: prefix) }, { try await store.leases(prefix: prefix) })
    }

    /// How many leases there are, live or not.
    func leaseRows() throws -> Int64? {
        try store.engine.read("test") { try $0.connection.integer("SELECT count(*) FROM leases") }
    }

    func getOrCompute<Content: Codable & Sendable>(
        _ key: String, as type: Content.Type = Content.self, expiring expiry: Expiry = .default,
        staleAfter: Duration? = nil, tag: String? = nil, options: ComputeOptions = ComputeOptions(),
        _ compute: @Sendable () throws -> Content
    ) async throws -> Content {
        try await call(
            {
                try store.getOrCompute(
                    key, as: type, expiring: expiry, staleAfter: staleAfter, tag: tag, options: options, compute)
            },
            {
                try await store.getOrCompute(
                    key, as: type, expiring: expiry, staleAfter: staleAfter, tag: tag, options: options
                ) { try compute() }
            })
    }

    func withLease<Success: Sendable>(
        named name: String, for duration: Duration, _ body: @Sendable (TTLStore.Lease) throws -> Success
    ) async throws -> Success? {
        try await call(
            { try store.withLease(named: name, for: duration, body) },
            { try await store.withLease(named: name, for: duration) { (lease) async throws in try body(lease) } })
    }
}
