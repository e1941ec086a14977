#if Hummingbird
import Hummingbird
import TTLStore

extension TTLStorePersistDriver {
    /// Stores a value under a key that no live value has.
    ///
    /// One commit, shared with other writers of the store at the same moment.
    /// - Parameters:
    ///   - key: with the prefix at most 1024 bytes of UTF-8, and not empty.
    ///   - value: any `Codable`, also an optional, which may be nil. As JSON it has at most
    ///     `Configuration.maximumValueSize` bytes.
    ///   - expires: how long from now the value lives, rounded up to a millisecond. Nil means for ever, or for
    ///     `Configuration.defaultTimeToLive`. Zero and less store nothing, as if the value had expired at once. What
    ///     leads beyond the year 9999 ends with that year.
    /// - Throws: `PersistError.duplicate` if a live value has the key, whatever `expires` is; an expired one counts as
    ///   absent. As a `TTLStoreError`: `invalidKey`; `encodingFailed` for what JSON can't hold, such as a `Double` that
    ///   is not a number; `valueTooLarge`; the errors of a write. Nothing is changed then, unless `isOutcomeUnknown`.
    public func create(key: String, value: some Codable & Sendable, expires: Duration?) async throws {
        guard try await write(key, value, expires, when: .ifAbsent) != .conditionNotMet else {
            throw PersistError.duplicate
        }
    }

    /// Stores a value, whether the key has one or not.
    ///
    /// One commit, shared with other writers of the store at the same moment.
    /// - Parameters:
    ///   - key: with the prefix at most 1024 bytes of UTF-8, and not empty.
    ///   - value: any `Codable`, also an optional, which may be nil. As JSON it has at most
    ///     `Configuration.maximumValueSize` bytes.
    ///   - expires: how long from now the value lives, rounded up to a millisecond. Nil keeps the expiry of a live
    ///     value to the millisecond; without a live one it means for ever, or for `Configuration.defaultTimeToLive`.
    ///     Zero and less remove the live value and store nothing, as if the new one had expired at once. What leads
    ///     beyond the year 9999 ends with that year.
    /// - Throws: as a `TTLStoreError`: `invalidKey`; `encodingFailed` for what JSON can't hold, such as a `Double` that
    ///   is not a number; `valueTooLarge`; the errors of a write. Nothing is changed then, unless `isOutcomeUnknown`.
    public func set(key: String, value: some Codable & Sendable, expires: Duration?) async throws {
        _ = try await write(key, value, expires, when: .always)
    }

    /// The live value of a key; nil if there is none. One index seek, and decoding.
    /// - Parameters:
    ///   - key: with the prefix at most 1024 bytes of UTF-8, and not empty.
    ///   - type: what was stored, or another type with the same JSON: an `Int` is read as an `Int64` or a `Double` as
    ///     well, any value as an optional.
    /// - Throws: `PersistError.invalidConversion` if the live value can't be read as that type. As a `TTLStoreError`:
    ///   `invalidKey`, the errors of a read.
    public func get<Object: Codable & Sendable>(key: String, as type: Object.Type) async throws -> Object? {
        guard let value = try await store.get(entryKey(key), as: TTLStore.Value.self) else { return nil }
        return try PersistedValue.decode(type, from: value)
    }

    /// The live value of a key with the time that it has left, both as of one moment; nil if there is no live value.
    /// One index seek, and decoding.
    /// - Parameters:
    ///   - key: with the prefix at most 1024 bytes of UTF-8, and not empty.
    ///   - type: as for ``get(key:as:)``.
    /// - Returns: the value, and a time of one millisecond or more; nil as the time of a value that never expires.
    /// - Throws: `PersistError.invalidConversion` if the live value can't be read as that type. As a `TTLStoreError`:
    ///   `invalidKey`, the errors of a read.
    public func getWithTTL<Object: Codable & Sendable>(
        key: String, as type: Object.Type
    ) async throws -> (object: Object, ttl: Duration?)? {
        guard let entry = try await store.entry(entryKey(key)) else { return nil }
        return (try PersistedValue.decode(type, from: entry.value), entry.remaining)
    }

    /// Removes the value of a key. Without a live value it changes nothing, and is no error.
    ///
    /// One commit, shared with other writers of the store at the same moment.
    /// - Parameter key: with the prefix at most 1024 bytes of UTF-8, and not empty.
    /// - Throws: as a `TTLStoreError`: `invalidKey`, the errors of a write.
    public func remove(key: String) async throws {
        try await store.remove(entryKey(key))
    }

    /// The empty key stays empty, so that the store refuses it.
    private func entryKey(_ key: String) -> String { key.isEmpty ? key : keyPrefix + key }

    private func write(
        _ key: String, _ value: some Codable, _ expires: Duration?, when condition: TTLStore.SetCondition
    ) async throws(TTLStoreError) -> TTLStore.SetOutcome {
        let key = entryKey(key)
        let content = PersistedValue.content(of: value)
        do {
            return try await store.set(key, content, expiring: .persisting(expires), when: condition)
        } catch let error where error.code == .invalidExpiry && expires != nil {
            // Nothing was changed. Only the store knows its clock, and so which durations lead too far.
            return try await store.set(key, content, expiring: .latest, when: condition)
        }
    }
}
#endif
