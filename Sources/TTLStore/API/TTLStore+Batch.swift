extension TTLStore {
    /// One entry of a batch.
    public struct BatchEntry: Sendable {
        let key: String
        let value: Value
        let expiry: Expiry
        let tag: String?

        /// An entry to store. The parameters are those of
        /// ``TTLStore/TTLStore/set(_:_:expiring:tag:when:)-30bp8``; they are checked when the batch is stored.
        public init(_ key: String, _ value: Value, expiring expiry: Expiry = .default, tag: String? = nil) {
            self.key = key
            self.value = value
            self.expiry = expiry
            self.tag = tag
        }

        /// With a value of any type that `set` takes, which is encoded now.
        /// - Throws: `encodingFailed`.
        public init(
            _ key: String, _ value: some Encodable, expiring expiry: Expiry = .default, tag: String? = nil
        ) throws(TTLStoreError) {
            self.init(key, try ValueCoding.encode(value, in: "setAll"), expiring: expiry, tag: tag)
        }
    }

    /// Stores many values in one transaction: all, or none. Of entries with the same key the last one counts.
    ///
    /// One commit of its own. O(entries); the write lock is held meanwhile.
    /// - Parameters:
    ///   - entries: each is stored as by `set`: `.keep` leaves the expiry of a live entry, and a date that has passed
    ///     removes it.
    ///   - condition: `.ifAllAbsent` stores them only if no live entry has any of the keys; `.keep` then means
    ///     `.default`.
    /// - Returns: false if the condition did not hold.
    /// - Throws: the errors of a set, with nothing changed.
    @discardableResult
    public func setAll(
        _ entries: some Sequence<BatchEntry>, when condition: BatchCondition = .always
    ) throws(TTLStoreError) -> Bool {
        try engine.write(.setAll(newEntries(entries), when: condition))
    }

    /// As the synchronous form; suspends the task, whose cancellation is ignored.
    @discardableResult
    public func setAll(
        _ entries: some Sequence<BatchEntry>, when condition: BatchCondition = .always
    ) async throws(TTLStoreError) -> Bool {
        try await engine.write(.setAll(newEntries(entries), when: condition))
    }

    /// The live values of many keys as of one moment, in the order of the keys; nil for the absent ones.
    /// O(keys), one read transaction.
    /// - Throws: `invalidKey`; the errors of a read.
    public func getAll(_ keys: some Sequence<String>) throws(TTLStoreError) -> [Value?] {
        try engine.read(.values(Array(keys)))
    }

    /// As the synchronous form; suspends the task, whose cancellation is ignored.
    public func getAll(_ keys: some Sequence<String>) async throws(TTLStoreError) -> [Value?] {
        try await engine.read(.values(Array(keys)))
    }

    /// The live values of many keys as of one moment, decoded as `type`; nil for the absent ones. O(keys), one
    /// read transaction, and decoding.
    /// - Throws: `wrongKind` or `decodingFailed` if one of them is no such value; `invalidKey`; the errors of a read.
    public func getAll<Decoded: Decodable & Sendable>(
        _ keys: some Sequence<String>, as type: Decoded.Type
    ) throws(TTLStoreError) -> [Decoded?] {
        try ValueCoding.decode(type, fromAll: try getAll(keys))
    }

    /// As the synchronous form; suspends the task, whose cancellation is ignored.
    public func getAll<Decoded: Decodable & Sendable>(
        _ keys: some Sequence<String>, as type: Decoded.Type
    ) async throws(TTLStoreError) -> [Decoded?] {
        try ValueCoding.decode(type, fromAll: try await getAll(keys))
    }

    /// Removes many live entries in one transaction. One commit of its own. O(keys); the write lock is held meanwhile.
    /// - Returns: how many there were.
    /// - Throws: `invalidKey`, and the errors of a write, with nothing changed.
    @discardableResult
    public func removeAll(_ keys: some Sequence<String>) throws(TTLStoreError) -> Int {
        try engine.write(.removeAll(Array(keys)))
    }

    /// As the synchronous form; suspends the task, whose cancellation is ignored.
    @discardableResult
    public func removeAll(_ keys: some Sequence<String>) async throws(TTLStoreError) -> Int {
        try await engine.write(.removeAll(Array(keys)))
    }

    private func newEntries(_ entries: some Sequence<BatchEntry>) throws(TTLStoreError) -> [NewEntry] {
        try entries.map { (entry) throws(TTLStoreError) in try NewEntry(entry, configuration) }
    }
}

extension NewEntry {
    init(_ entry: TTLStore.BatchEntry, _ configuration: TTLStore.Configuration) throws(TTLStoreError) {
        try self.init(
            entry.key, entry.value, expiring: entry.expiry, tag: entry.tag, configuration, in: "setAll")
    }
}
