extension TTLStore {
    /// One entry of a batch.
    public struct BatchEntry: Sendable {
        let key: String
        let value: Value
        let expiry: Expiry
        let tag: String?

        /// An entry to store. Its parts are checked when the batch is stored.
        /// - Parameters:
        ///   - key: 1 to 1024 bytes of UTF-8.
        ///   - value: stored as what it is.
        ///   - expiry: when the entry expires. `.keep` leaves the expiry of a live entry, and means `.default` for a
        ///     new one. `.default` is never, unless `Configuration.defaultTimeToLive` says otherwise.
        ///   - tag: 1 to 1024 bytes of UTF-8, or nil for none.
        public init(_ key: String, _ value: Value, expiring expiry: Expiry = .default, tag: String? = nil) {
            self.key = key
            self.value = value
            self.expiry = expiry
            self.tag = tag
        }

        /// An entry to store, with a value of any type that `set` takes. The value is encoded now; the other parts are
        /// checked when the batch is stored.
        /// - Parameters:
        ///   - key: 1 to 1024 bytes of UTF-8.
        ///   - value: stored by its type, as by `set`.
        ///   - expiry: when the entry expires. `.keep` leaves the expiry of a live entry, and means `.default` for a
        ///     new one. `.default` is never, unless `Configuration.defaultTimeToLive` says otherwise.
        ///   - tag: 1 to 1024 bytes of UTF-8, or nil for none.
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
    /// - Parameter entries: each is stored as by `set`: `.keep` leaves the expiry of a live entry, and a date that has
    ///   passed removes it.
    /// - Throws: the errors of a set, with nothing changed.
    public func setAll(_ entries: some Sequence<BatchEntry>) throws(TTLStoreError) {
        _ = try engine.write(.setAll(newEntries(entries), when: .always))
    }

    /// Stores many values in one transaction: all, or none. Of entries with the same key the last one counts.
    ///
    /// One commit of its own. O(entries); the write lock is held meanwhile.
    ///
    /// Suspends the task, whose cancellation is ignored.
    /// - Parameter entries: each is stored as by `set`: `.keep` leaves the expiry of a live entry, and a date that has
    ///   passed removes it.
    /// - Throws: the errors of a set, with nothing changed.
    public func setAll(_ entries: some Sequence<BatchEntry>) async throws(TTLStoreError) {
        _ = try await engine.write(.setAll(newEntries(entries), when: .always))
    }

    /// Stores many values under a condition, in one transaction: all, or none. Of entries with the same key the last
    /// one counts.
    ///
    /// One commit of its own. O(entries); the write lock is held meanwhile.
    /// - Parameters:
    ///   - entries: each is stored as by `set`: `.keep` leaves the expiry of a live entry, and a date that has passed
    ///     removes it.
    ///   - condition: `.ifAllAbsent` stores them only if no live entry has any of the keys; `.keep` then means
    ///     `.default`.
    /// - Returns: false if the condition did not hold.
    /// - Throws: the errors of a set, with nothing changed.
    public func setAll(
        _ entries: some Sequence<BatchEntry>, when condition: BatchCondition
    ) throws(TTLStoreError) -> Bool {
        try engine.write(.setAll(newEntries(entries), when: condition))
    }

    /// Stores many values under a condition, in one transaction: all, or none. Of entries with the same key the last
    /// one counts.
    ///
    /// One commit of its own. O(entries); the write lock is held meanwhile.
    ///
    /// Suspends the task, whose cancellation is ignored.
    /// - Parameters:
    ///   - entries: each is stored as by `set`: `.keep` leaves the expiry of a live entry, and a date that has passed
    ///     removes it.
    ///   - condition: `.ifAllAbsent` stores them only if no live entry has any of the keys; `.keep` then means
    ///     `.default`.
    /// - Returns: false if the condition did not hold.
    /// - Throws: the errors of a set, with nothing changed.
    public func setAll(
        _ entries: some Sequence<BatchEntry>, when condition: BatchCondition
    ) async throws(TTLStoreError) -> Bool {
        try await engine.write(.setAll(newEntries(entries), when: condition))
    }

    /// Stores the values of a dictionary, or of other pairs of key and value, with one expiry and one tag for all:
    /// `setAll(["a": 1, "b": 2], expiring: .minutes(5))`.
    ///
    /// All are stored, or none. One commit of its own. O(pairs); the write lock is held meanwhile.
    /// - Parameters:
    ///   - pairs: a dictionary, or `KeyValuePairs`. Of pairs with the same key the last one counts.
    ///   - expiry: when each entry expires. `.keep` leaves the expiry of a live entry, and means `.default` for a new
    ///     one. `.default` is never, unless `Configuration.defaultTimeToLive` says otherwise. A date that has passed
    ///     removes the entries.
    ///   - tag: of each entry: 1 to 1024 bytes of UTF-8, or nil for none.
    /// - Throws: the errors of a set, with nothing changed.
    public func setAll<Content: Encodable>(
        _ pairs: some Sequence<(key: String, value: Content)>, expiring expiry: Expiry = .default, tag: String? = nil
    ) throws(TTLStoreError) {
        try setAll(pairs.map { (pair) throws(TTLStoreError) in try BatchEntry(pair, expiry, tag) })
    }

    /// Stores the values of a dictionary, or of other pairs of key and value, with one expiry and one tag for all:
    /// `setAll(["a": 1, "b": 2], expiring: .minutes(5))`.
    ///
    /// All are stored, or none. One commit of its own. O(pairs); the write lock is held meanwhile.
    ///
    /// Suspends the task, whose cancellation is ignored.
    /// - Parameters:
    ///   - pairs: a dictionary, or `KeyValuePairs`. Of pairs with the same key the last one counts.
    ///   - expiry: when each entry expires. `.keep` leaves the expiry of a live entry, and means `.default` for a new
    ///     one. `.default` is never, unless `Configuration.defaultTimeToLive` says otherwise. A date that has passed
    ///     removes the entries.
    ///   - tag: of each entry: 1 to 1024 bytes of UTF-8, or nil for none.
    /// - Throws: the errors of a set, with nothing changed.
    public func setAll<Content: Encodable>(
        _ pairs: some Sequence<(key: String, value: Content)>, expiring expiry: Expiry = .default, tag: String? = nil
    ) async throws(TTLStoreError) {
        try await setAll(pairs.map { (pair) throws(TTLStoreError) in try BatchEntry(pair, expiry, tag) })
    }

    /// The live values of many keys as of one moment, decoded as `type`, in the order of the keys; nil for absent keys.
    /// O(keys), one read transaction, and decoding; memory alone where it has all of the keys.
    /// - Parameters:
    ///   - keys: 1 to 1024 bytes of UTF-8 each.
    ///   - type: what was stored; ``Value`` for any kind of value.
    /// - Throws: `wrongKind` or `decodingFailed` if one of the values can't be decoded; `invalidKey`; the errors of a
    ///   read.
    public func getAll<Decoded: Decodable & Sendable>(
        _ keys: some Sequence<String>, as type: Decoded.Type
    ) throws(TTLStoreError) -> [Decoded?] {
        try ValueCoding.decode(type, fromAll: try engine.values(Array(keys)))
    }

    /// The live values of many keys as of one moment, decoded as `type`, in the order of the keys; nil for absent keys.
    /// O(keys), one read transaction, and decoding; memory alone where it has all of the keys.
    ///
    /// Suspends the task, whose cancellation is ignored.
    /// - Parameters:
    ///   - keys: 1 to 1024 bytes of UTF-8 each.
    ///   - type: what was stored; ``Value`` for any kind of value.
    /// - Throws: `wrongKind` or `decodingFailed` if one of the values can't be decoded; `invalidKey`; the errors of a
    ///   read.
    public func getAll<Decoded: Decodable & Sendable>(
        _ keys: some Sequence<String>, as type: Decoded.Type
    ) async throws(TTLStoreError) -> [Decoded?] {
        try ValueCoding.decode(type, fromAll: try await engine.values(Array(keys)))
    }

    private func newEntries(_ entries: some Sequence<BatchEntry>) throws(TTLStoreError) -> [NewEntry] {
        try entries.map { (entry) throws(TTLStoreError) in try NewEntry(entry, configuration) }
    }
}

extension TTLStore.BatchEntry {
    init<Content: Encodable>(
        _ pair: (key: String, value: Content), _ expiry: TTLStore.Expiry, _ tag: String?
    ) throws(TTLStoreError) {
        self.init(pair.key, try ValueCoding.encode(pair.value, in: "setAll"), expiring: expiry, tag: tag)
    }
}

extension NewEntry {
    init(_ entry: TTLStore.BatchEntry, _ configuration: TTLStore.Configuration) throws(TTLStoreError) {
        try self.init(
            entry.key, entry.value, expiring: entry.expiry, tag: entry.tag, configuration, in: "setAll")
    }
}
