/// A change of an expiry, with checked arguments. A read finds out whether the expiry has to be written; the write
/// checks again.
struct EntryTouch: Sendable {
    private let key: Key
    private let expiry: Expiry
    private let rule: TouchRule
    private let defaultTimeToLive: Duration?
    private let operation: String

    init(
        _ key: String, expiring expiry: Expiry, when condition: TouchCondition, _ configuration: TTLStore.Configuration,
        in operation: String
    ) throws(TTLStoreError) {
        self.key = try Key(key, in: operation)
        self.expiry = expiry
        rule = try TouchRule(condition, in: operation)
        defaultTimeToLive = configuration.defaultTimeToLive
        self.operation = operation
    }

    /// The read; nil if there is no condition that a read could find unmet.
    func check() -> ReadOperation<TouchOutcome?>? {
        guard !rule.isUnconditional else { return nil }
        return ReadOperation(operation) { [self] reader, now in
            let expiry = try resolved(now)
            guard let current = try reader.expiry(key, now: now) else { return .absent }
            return rule.allows(expiry, current: current, now: now) ? nil : .conditionNotMet
        }
    }

    func write() -> WriteOperation<TouchOutcome> {
        WriteOperation(operation) { [self] writer, now in
            try writer.touch(key, expiring: expiry, when: rule, now: now, in: operation)
        }
    }

    /// What a read found before a touch.
    enum Found<Success: Sendable>: Sendable {
        /// The result; nothing has to be written.
        case done(Success?)
        /// The expiry has to be written.
        case isToBeTouched
    }

    /// As `check()`, with the value.
    func checkValue<Success: Sendable>(
        _ read: @escaping @Sendable (Value) throws -> Success
    ) -> ReadOperation<Found<Success>>? {
        guard !rule.isUnconditional else { return nil }
        return ReadOperation(operation) { [self] reader, now in
            let expiry = try resolved(now)
            let found = try reader.valueAndExpiry(key, now: now)
            if let found, rule.allows(expiry, current: found.expiresAt, now: now) { return .isToBeTouched }
            return .done(try reader.counted(found).map { try read($0.value) })
        }
    }

    /// As `write()`, with the value; if `read` throws, the expiry stays.
    func writeValue<Success>(
        _ read: @escaping @Sendable (Value) throws -> Success
    ) -> WriteOperation<Success?> {
        WriteOperation(operation) { [self] writer, now in
            _ = try resolved(now)
            guard let value = writer.reader.counted(try writer.reader.value(key, now: now)) else { return nil }
            let result = try read(value)
            _ = try writer.touch(key, expiring: expiry, when: rule, now: now, in: operation)
            return result
        }
    }

    /// A value that is decoded before its expiry is written.
    struct Undecoded: Sendable {
        let value: Value
        let revision: TTLStore.Revision
        /// Whether the expiry has to be written.
        let isToBeTouched: Bool
    }

    /// The value, for a caller who decodes it before the expiry is written.
    func undecoded() -> ReadOperation<Undecoded?> {
        ReadOperation(operation) { [self] reader, now in
            let expiry = try resolved(now)
            guard let found = reader.counted(try reader.valueExpiryAndRevision(key, now: now)) else { return nil }
            return Undecoded(
                value: found.value, revision: found.revision,
                isToBeTouched: rule.allows(expiry, current: found.expiresAt, now: now))
        }
    }

    /// As `write()`, for an entry that was read before; false if its value has been written since, or it is gone.
    func write(ifUnchangedSince revision: TTLStore.Revision) -> WriteOperation<Bool> {
        WriteOperation(operation) { [self] writer, now in
            guard try writer.reader.revision(key, now: now) == revision else { return false }
            _ = try writer.touch(key, expiring: expiry, when: rule, now: now, in: operation)
            return true
        }
    }

    /// Throws the errors of the write also where the read will find nothing to write.
    private func resolved(_ now: Timestamp) throws(TTLStoreError) -> ResolvedExpiry {
        try ResolvedExpiry(expiry, now: now, default: defaultTimeToLive, in: operation)
    }
}
