import TTLStore

/// The operations that do several things in one step.
extension StoreUnderTest {
    /// - Parameter condition: nil for the form without one.
    @discardableResult
    func exchange(
        _ key: String, _ value: some Encodable & Sendable, expiring expiry: TTLStore.Expiry = .default,
        tag: String? = nil, when condition: TTLStore.SetCondition? = nil
    ) async throws -> TTLStore.ExchangeOutcome {
        guard let condition else {
            return try await call(
                { try store.exchange(key, value, expiring: expiry, tag: tag) },
                { try await store.exchange(key, value, expiring: expiry, tag: tag) })
        }
        return try await call(
            { try store.exchange(key, value, expiring: expiry, tag: tag, when: condition) },
            { try await store.exchange(key, value, expiring: expiry, tag: tag, when: condition) })
    }

    func take(_ key: String) async throws -> String? {
        try await call({ try store.take(key) }, { try await store.take(key) })
    }

    func take<Decoded: Decodable & Sendable>(_ key: String, as type: Decoded.Type) async throws -> Decoded? {
        try await call({ try store.take(key, as: type) }, { try await store.take(key, as: type) })
    }

    func get(
        _ key: String, touching expiry: TTLStore.Expiry, when condition: TTLStore.TouchCondition = .always
    ) async throws -> String? {
        try await call(
            { try store.get(key, touching: expiry, when: condition) },
            { try await store.get(key, touching: expiry, when: condition) })
    }

    func get<Decoded: Decodable & Sendable>(
        _ key: String, as type: Decoded.Type, touching expiry: TTLStore.Expiry,
        when condition: TTLStore.TouchCondition = .always
    ) async throws -> Decoded? {
        try await call(
            { try store.get(key, as: type, touching: expiry, when: condition) },
            { try await store.get(key, as: type, touching: expiry, when: condition) })
    }

    @discardableResult
    func increment(
        _ key: String, by amount: Int64 = 1, expiring expiry: TTLStore.Expiry = .default, tag: String? = nil
    ) async throws -> Int64 {
        try await call(
            { try store.increment(key, by: amount, expiring: expiry, tag: tag) },
            { try await store.increment(key, by: amount, expiring: expiry, tag: tag) })
    }

    @discardableResult
    func decrement(
        _ key: String, by amount: Int64 = 1, expiring expiry: TTLStore.Expiry = .default, tag: String? = nil
    ) async throws -> Int64 {
        try await call(
            { try store.decrement(key, by: amount, expiring: expiry, tag: tag) },
            { try await store.decrement(key, by: amount, expiring: expiry, tag: tag) })
    }

    // MARK: Many at once

    func setAll(_ entries: [TTLStore.BatchEntry]) async throws {
        try await call({ try store.setAll(entries) }, { try await store.setAll(entries) })
    }

    func setAll(_ entries: [TTLStore.BatchEntry], when condition: TTLStore.BatchCondition) async throws -> Bool {
        try await call(
            { try store.setAll(entries, when: condition) }, { try await store.setAll(entries, when: condition) })
    }

    func setAll<Content: Encodable & Sendable>(
        _ pairs: [String: Content], expiring expiry: TTLStore.Expiry = .default, tag: String? = nil
    ) async throws {
        try await call(
            { try store.setAll(pairs, expiring: expiry, tag: tag) },
            { try await store.setAll(pairs, expiring: expiry, tag: tag) })
    }

    func getAll<Decoded: Decodable & Sendable>(_ keys: [String], as type: Decoded.Type) async throws -> [Decoded?] {
        try await call({ try store.getAll(keys, as: type) }, { try await store.getAll(keys, as: type) })
    }

    @discardableResult
    func removeAll(_ keys: [String]) async throws -> Int {
        try await call({ try store.removeAll(keys) }, { try await store.removeAll(keys) })
    }

    func transaction<Success: Sendable>(
        _ body: @escaping @Sendable (TTLStore.Transaction) throws -> Success
    ) async throws -> Success {
        try await call({ try store.transaction(body) }, { try await store.transaction(body) })
    }

    @discardableResult
    func update<Content: Codable & Sendable, Success: Sendable>(
        _ key: String, as type: Content.Type = Content.self, expiring expiry: TTLStore.Expiry = .keep,
        _ body: @escaping @Sendable (inout Content?) throws -> Success
    ) async throws -> Success {
        try await call(
            { try store.update(key, as: type, expiring: expiry, body) },
            { try await store.update(key, as: type, expiring: expiry, body) })
    }
}
