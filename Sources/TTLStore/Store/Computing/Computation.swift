/// One call of `getOrCompute`: its checked arguments, and the transactions of which it consists. No lock is held
/// between them.
struct Computation: Sendable {
    /// For errors.
    static let name = "getOrCompute"

    /// The outcome of the try to acquire the lease.
    enum Acquisition: Sendable {
        case acquired(token: Int64, until: Timestamp)
        /// The value is there, or another caller computes it.
        case seen(ComputePlan.Sighting)
    }

    /// The outcome of storing a result.
    enum Storing: Sendable {
        case stored
        /// The lease was lost, and so nothing was stored.
        case tooLate
        /// The expiry was a date that has passed.
        case alreadyExpired
    }

    let key: Key
    let patience: Milliseconds
    /// Whether a file that can't be used is an error.
    let isStrict: Bool
    private let expiry: Expiry
    private let tag: String?
    private let staleAfter: Milliseconds?
    private let leaseDuration: Duration
    private let configuration: TTLStore.Configuration
    private let recomputesUndecodable: Bool
    /// A stored value that can't be decoded, and counts as absent.
    private(set) var undecodable: Value?

    init(
        _ key: String, expiring expiry: Expiry, staleAfter: Duration?, tag: String?, _ options: ComputeOptions,
        _ configuration: TTLStore.Configuration
    ) throws(TTLStoreError) {
        self.key = try Key(key, in: Computation.name)
        _ = try Key.tag(tag, in: Computation.name)
        self.expiry = expiry
        self.tag = tag
        self.staleAfter = try staleAfter.map { (duration) throws(TTLStoreError) in
            try Computation.milliseconds(duration, "staleAfter is longer than zero and ends some day")
        }
        patience =
            options.timeout == .zero
            ? 0 : try Computation.milliseconds(options.timeout, "timeout is not negative and ends some day")
        leaseDuration = options.leaseDuration
        isStrict = options.requiresStoring
        recomputesUndecodable = options.recomputesUndecodable
        self.configuration = configuration
    }

    private static func milliseconds(_ duration: Duration, _ rule: String) throws(TTLStoreError) -> Milliseconds {
        guard let milliseconds = TimeConversion.milliseconds(duration) else {
            throw TTLStoreError(.invalidArgument, rule, in: name)
        }
        return milliseconds
    }

    // MARK: Transactions

    /// The first reading. It refuses the times that the writes would refuse. Memory answers with a value that is not
    /// stale; otherwise the lease has to be read as well.
    var firstLook: KeyedRead<Hit<ComputePlan.Sighting>> {
        KeyedRead(Computation.name) { row, now in
            row.isLive(at: now) && isFresh(writtenAt: row.updatedAt, now: now)
        } recall: { (row, now) throws(TTLStoreError) in
            try checkTimes(now: now)
            return Hit(row, at: now)
        } read: { reader, _, now in
            try checkTimes(now: now)
            return .file(reader.counted(try sighting(reader, now: now)))
        }
    }

    /// Each later reading, of the file. It counts as no look-up.
    var lookAgain: ReadOperation<ComputePlan.Sighting> {
        ReadOperation(Computation.name) { reader, now in
            // A value that is there is served, whatever the clock shows: that is for `acquireLease` to refuse.
            try checkTimes(now: now)
            return try sighting(reader, now: now)
        }
    }

    /// Refuses durations that are invalid by any clock and, if the clock can be right, durations that lead too far.
    /// - Throws: `invalidExpiry` for the expiry of the value, and for the length of the lease.
    private func checkTimes(now: Timestamp) throws(TTLStoreError) {
        let now = TimeConversion.isStorable(now) ? now : TimeConversion.earliest
        _ = try ResolvedExpiry(expiry, now: now, default: configuration.defaultTimeToLive, in: Computation.name)
        _ = try LeaseTable.end(leaseDuration, now: now, in: Computation.name)
    }

    /// When a closure that begins now, without a lease in the file, has to be done. The clock may show any time, since
    /// this time is not stored.
    /// - Throws: as `checkTimes(now:)`.
    func leaseEnd(now: Timestamp) throws(TTLStoreError) -> Timestamp {
        try checkTimes(now: now)
        return TimeConversion.sum(now, TimeConversion.milliseconds(leaseDuration) ?? 0)
    }

    /// Reads again, now that nobody else can write, and acquires the lease if the value is still to be computed.
    var acquireLease: WriteOperation<Acquisition> {
        WriteOperation(Computation.name) { writer, now in
            let sighting = try sighting(writer.reader, now: now)
            guard sighting.needsComputing else { return .seen(sighting) }
            let owner = try Key(LeaseTable.ownProcess, as: .leaseOwner, in: Computation.name)
            let end = try LeaseTable.end(leaseDuration, now: now, in: Computation.name)
            let holding = try writer.leases.acquire(.compute, key, owner: owner, until: end, now: now)
            return holding.map { .acquired(token: $0.token, until: $0.expiresAt) } ?? .seen(sighting)
        }
    }

    /// Stores the result and releases the lease; does nothing if the lease was lost.
    func store(_ item: NewEntry, token: Int64) -> WriteOperation<Storing> {
        WriteOperation(Computation.name, sharesCommit: false) { writer, now in
            guard try writer.leases.release(.compute, key, token: token, now: now) else { return .tooLate }
            let outcome = try writer.set(item, when: .always, now: now, in: Computation.name)
            return outcome == .alreadyExpired ? .alreadyExpired : .stored
        }
    }

    /// Releases the lease, so that the next caller can try at once.
    func release(token: Int64) -> WriteOperation<Bool> {
        WriteOperation(Computation.name) { writer, now in
            try writer.leases.release(.compute, key, token: token, now: now)
        }
    }

    /// The value first, then the lease: whoever stores a value releases its lease in the same commit, so a value that
    /// comes in between is not overlooked, but found when the lease is acquired.
    private func sighting(_ reader: EntryReader, now: Timestamp) throws(SQLiteError) -> ComputePlan.Sighting {
        var found = try reader.valueAndUpdate(key, now: now)
        if let undecodable, found?.value == undecodable { found = nil }
        if let found, isFresh(writtenAt: found.updatedAt, now: now) {
            return .fresh(found.value, writtenAt: found.updatedAt)
        }
        let isHeld = try reader.leases.holding(.compute, key, now: now) != nil
        return found.map { .stale($0.value, isHeld: isHeld) } ?? .absent(isHeld: isHeld)
    }

    /// A row that got past the schema's constraints may hold any 64 bits, and a clock may show any.
    func isFresh(writtenAt: Timestamp, now: Timestamp) -> Bool {
        staleAfter.map { TimeConversion.sum(now, -$0) < writtenAt } ?? true
    }

    // MARK: Values

    /// - Parameter ownExpiry: used instead of the expiry of the call.
    /// - Throws: `encodingFailed`, `valueTooLarge`, `invalidExpiry`.
    func entry(_ content: some Encodable, expiring ownExpiry: Expiry?) throws(TTLStoreError) -> NewEntry {
        let wanted = ownExpiry ?? expiry
        return try NewEntry(
            key.text, try ValueCoding.encodeUnwrapped(content, in: Computation.name),
            // A value that counts as absent has no expiry to keep.
            expiring: wanted == .keep && undecodable != nil ? .default : wanted,
            tag: tag, configuration, in: Computation.name)
    }

    /// From now on a value that can't be decoded counts as absent, if the options say so.
    mutating func ignore(_ value: Value, _ activity: ActivityCounters) -> Bool {
        guard recomputesUndecodable else { return false }
        undecodable = value
        activity.noteUndecodableValue()
        return true
    }

    func decode<Content: Decodable>(_ value: Value, as type: Content.Type) throws(TTLStoreError) -> Content {
        // The common case without a detour.
        if type == String.self, case .text(let text) = value, let content = text as? Content { return content }
        return try ValueCoding.decodeWrapped(type, from: value, in: Computation.name)
    }

    var timedOut: TTLStoreError {
        TTLStoreError(
            .timedOut, "another caller was still computing the value after \(patience) ms", in: Computation.name)
    }
}

extension EntryReader {
    /// A stale value counts as a hit.
    fileprivate func counted(_ sighting: ComputePlan.Sighting) -> ComputePlan.Sighting {
        if case .absent = sighting { _ = counted(Value?.none) } else { _ = counted(true) }
        return sighting
    }
}
