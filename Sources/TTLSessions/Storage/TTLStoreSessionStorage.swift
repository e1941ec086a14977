#if Sessions
public import TTLStore

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// Sessions in a `TTLStore`: one entry for each, with its subject as the tag.
///
/// The entries' keys and tags begin with `ttl.session:` and the name, so a store can hold other entries as well, and
/// several kinds of sessions that know nothing of each other. Loading is one read; every change is one commit, but for
/// `endAll()`, which removes 200 sessions at a time.
public struct TTLStoreSessionStorage: SessionStorage {
    let store: TTLStore
    /// The beginning of every key and tag, e.g. `ttl.session:web:`; `Migrations/M0002_sessions.sql` knows it as well.
    private let prefix: String

    /// - Parameters:
    ///   - store: stays the caller's to close.
    ///   - name: of this kind of session, 1 to 32 letters, digits, `-` and `_` of ASCII. Sessions of another name have
    ///     their own tokens and subjects.
    /// - Throws: `invalidConfiguration` for the name.
    public init(_ store: TTLStore, name: String = "web") throws(SessionError) {
        guard (1...32).contains(name.utf8.count), name.utf8.allSatisfy(Base64URL.contains) else {
            throw SessionError(.invalidConfiguration, "a name has 1 to 32 letters, digits, - and _")
        }
        self.store = store
        prefix = "ttl.session:\(name):"
    }

    /// The live record of an identifier, or of the one that took its place.
    public func load(_ id: SessionID) async throws -> StoredSession? {
        guard let entry = try await store.entry(key(id)) else { return nil }
        guard let successor = Self.successor(entry) else { return try Self.session(entry, id) }
        guard Self.hasBegun(entry) else {
            try await store.remove(key(id))
            return nil
        }
        guard let entry = try await store.entry(key(successor)), Self.successor(entry) == nil else { return nil }
        return try Self.session(entry, successor)
    }

    /// As `load(_:)`, with the payload decoded: once for each state of the record that the store has in its memory.
    func load<Payload: Codable & Sendable>(
        _ id: SessionID, decoding type: Payload.Type
    ) async throws -> DecodedSession<Payload>? {
        let row = try await store.content(of: key(id), as: DecodedSession<Payload>?.self) { entry in
            // Whether a grace period has begun depends on the clock.
            guard Self.successor(entry) == nil else { return nil }
            return DecodedSession(try Self.session(entry, id), decoding: type)
        }
        guard let row else { return nil }
        if let session = row { return session }
        return try await load(id).map { DecodedSession($0, decoding: type) }
    }

    /// Stores a new record.
    ///
    /// The revision is read in the same commit: another login of the subject may end this session right after it, and
    /// that is no failure of this one.
    public func create(_ record: SessionRecord, id: SessionID) async throws -> SessionRevision {
        let (key, tag, text) = (key(id), tag(record.subject), try SessionText.text(of: record))
        return try await store.transaction { transaction in
            try transaction.set(key, text, expiring: Self.expiry(record.expiresAt), tag: tag)
            guard let entry = try transaction.entry(key) else { throw SessionError.ended }
            return SessionRevision(rawValue: entry.revision.number)
        }
    }

    /// Stores new records in one commit: for measurements with very many.
    package func create(_ sessions: [(id: SessionID, record: SessionRecord)]) async throws {
        try await store.setAll(
            try sessions.map { id, record in
                TTLStore.BatchEntry(
                    key(id), .text(try SessionText.text(of: record)), expiring: Self.expiry(record.expiresAt),
                    tag: tag(record.subject))
            })
    }

    /// Replaces a live record, if it was not written since the revision.
    public func save(
        _ record: SessionRecord, id: SessionID, ifUnchanged revision: SessionRevision
    ) async throws -> SessionWrite {
        let outcome = try await store.set(
            key(id), try SessionText.text(of: record), expiring: Self.expiry(record.expiresAt),
            tag: tag(record.subject), when: .ifUnchanged(since: TTLStore.Revision(number: revision.rawValue)))
        switch outcome {
        case .stored: return .written(Self.next(revision))
        case .alreadyExpired: return .absent
        case .conditionNotMet:
            guard let entry = try await store.entry(key(id)), Self.successor(entry) == nil else { return .absent }
            return .changed
        }
    }

    /// Moves `expiresAt` of a live record to a later time, if it was not written since the revision.
    public func extend(_ id: SessionID, until expiresAt: Int64, ifUnchanged revision: SessionRevision) async throws
        -> Bool
    {
        let key = key(id)
        return try await store.transaction { transaction in
            // A row that leads to a successor has another revision.
            guard let entry = try transaction.entry(key), entry.revision.number == revision.rawValue else {
                return false
            }
            let outcome = try transaction.touch(key, expiring: Self.expiry(expiresAt), when: .ifLater)
            return outcome == .touched || outcome == .conditionNotMet
        }
    }

    /// Replaces a live record and gives it another identifier.
    public func rotate(
        _ id: SessionID, to newID: SessionID, _ record: SessionRecord, ifUnchanged revision: SessionRevision,
        graceEnd: Int64?
    ) async throws -> SessionWrite {
        let text = try SessionText.text(of: record)
        let (key, newKey) = (key(id), key(newID))
        return try await store.transaction { transaction in
            guard let entry = try transaction.entry(key), Self.successor(entry) == nil else { return .absent }
            guard entry.revision.number == revision.rawValue else { return .changed }
            guard try transaction.rename(key, to: newKey) == .renamed else { return .absent }
            let outcome = try transaction.set(
                newKey, text, expiring: Self.expiry(record.expiresAt), tag: tag(record.subject))
            guard outcome == .stored else { return .absent }
            if let graceEnd {
                try transaction.set(key, SuccessorText.text(of: newID), expiring: Self.expiry(graceEnd))
            }
            // The renaming and the writing.
            return .written(Self.next(Self.next(revision)))
        }
    }

    /// Removes the record of an identifier.
    public func end(_ id: SessionID) async throws -> Bool {
        let key = key(id)
        return try await store.transaction { transaction in
            guard let entry = try transaction.entry(key) else { return false }
            guard let successor = Self.successor(entry) else { return try transaction.remove(key) }
            guard Self.hasBegun(entry), let entry = try transaction.entry(self.key(successor)),
                Self.successor(entry) == nil
            else { return false }
            try transaction.remove(key)
            return try transaction.remove(entry.key)
        }
    }

    /// Removes live records of a subject. A row that is no session any more, because it was edited, counts as one more
    /// session whose handle nobody knows.
    public func end(_ choice: SessionChoice, of subject: String) async throws -> Int {
        guard let tag = tag(subject) else { return 0 }
        if case .all = choice { return try await store.removeAll(.tag(tag)) }
        return try await store.transaction { transaction in
            var chosen: [String] = []
            try transaction.forEachPage(.tag(tag)) { entries in
                chosen += entries.filter { choice.includes(Self.record($0)?.handle) }.map(\.key)
            }
            return try transaction.removeAll(chosen)
        }
    }

    /// Removes all records: 200 in one transaction, and at the end those that have come or changed their identifiers
    /// meanwhile, in one.
    public func endAll() async throws -> Int {
        var (count, cursor): (Int, TTLStore.Cursor?) = (0, nil)
        repeat {
            let page = try await store.entries(.prefix(prefix), limit: 200, after: cursor)
            let sessions = Set(page.elements.filter { Self.successor($0) == nil }.map(\.key))
            count += try await store.removeAll(sessions)
            cursor = page.next
        } while cursor != nil
        let prefix = prefix
        return count
            + (try await store.transaction { transaction in
                var count = 0
                try transaction.forEachPage(.prefix(prefix)) { entries in
                    count += entries.count { Self.successor($0) == nil }
                }
                try transaction.removeAll(.prefix(prefix))
                return count
            })
    }

    /// The live records of a subject, in pages of 100. Rows that are no sessions any more, because they were edited,
    /// are left out.
    public func list(_ subject: String) async throws -> [StoredSession] {
        guard let tag = tag(subject) else { return [] }
        var sessions: [StoredSession] = []
        var cursor: TTLStore.Cursor?
        repeat {
            let page = try await store.entries(.tag(tag), limit: 100, after: cursor)
            sessions += page.elements.compactMap { entry in
                SessionID(entry.key.dropFirst(prefix.count)).flatMap { try? Self.session(entry, $0) }
            }
            cursor = page.next
        } while cursor != nil
        return sessions
    }

    /// Gives one caller exclusive access: a lease of the store.
    public func lock(_ handle: SessionHandle, milliseconds: Int64) async throws -> SessionLock? {
        // A look costs no lock, and many may wait.
        guard try await store.lease(named: prefix + handle.text) == nil else { return nil }
        let lease = try await store.acquireLease(prefix + handle.text, for: .milliseconds(milliseconds))
        return lease.map { SessionLock(handle: handle, number: $0.token) }
    }

    /// Gives exclusive access back.
    public func unlock(_ lock: SessionLock) async throws {
        let lease = TTLStore.Lease(
            name: prefix + lock.handle.text, owner: "", expiresAt: .distantFuture, token: lock.number)
        try await store.release(lease)
    }
}

extension TTLStoreSessionStorage {
    private func key(_ id: SessionID) -> String { prefix + id.text }

    private func tag(_ subject: String?) -> String? { subject.map { prefix + $0 } }

    private static func expiry(_ milliseconds: Int64) -> TTLStore.Expiry {
        .at(Date(timeIntervalSince1970: Double(milliseconds) / 1000))
    }

    private static func milliseconds(_ date: Date) -> Int64 { Int64((date.timeIntervalSince1970 * 1000).rounded()) }

    private static func successor(_ entry: TTLStore.Entry) -> SessionID? {
        guard case .text(let text) = entry.value else { return nil }
        return SuccessorText.id(text)
    }

    private static func record(_ entry: TTLStore.Entry) -> SessionRecord? {
        guard case .text(let text) = entry.value, let expiresAt = entry.expiresAt else { return nil }
        return SessionText.record(
            text, createdAt: milliseconds(entry.createdAt), writtenAt: milliseconds(entry.updatedAt),
            expiresAt: milliseconds(expiresAt))
    }

    /// Of a session that has left the store; nil for another entry.
    func handle(_ removal: TTLStore.Removal) -> SessionHandle? {
        guard removal.key.utf8.starts(with: prefix.utf8), case .text(let text) = removal.value else { return nil }
        return SessionText.record(text, createdAt: 0, writtenAt: 0, expiresAt: 0)?.handle
    }

    /// Whether a grace period has begun. Where the clock was set back behind it, it must end and not wait.
    private static func hasBegun(_ grace: TTLStore.Entry) -> Bool {
        guard let remaining = grace.remaining, let expiresAt = grace.expiresAt else { return false }
        return remaining <= .milliseconds(milliseconds(expiresAt) - milliseconds(grace.createdAt))
    }

    private static func session(_ entry: TTLStore.Entry, _ id: SessionID) throws(SessionError) -> StoredSession {
        guard let record = record(entry) else { throw unreadable }
        return StoredSession(record: record, id: id, revision: SessionRevision(rawValue: entry.revision.number))
    }

    private static var unreadable: SessionError {
        SessionError(.unreadablePayload, "a row with a session's key is not a session; it was edited, or is another's")
    }

    /// Each write of an entry raises its revision by one.
    private static func next(_ revision: SessionRevision) -> SessionRevision {
        SessionRevision(rawValue: revision.rawValue + 1)
    }
}

extension TTLStore.Transaction {
    fileprivate func forEachPage(
        _ selection: TTLStore.Selection, _ body: ([TTLStore.Entry]) -> Void
    ) throws(TTLStoreError) {
        var cursor: TTLStore.Cursor?
        repeat {
            let page = try entries(selection, limit: 100, after: cursor)
            body(page.elements)
            cursor = page.next
        } while cursor != nil
    }
}
#endif
