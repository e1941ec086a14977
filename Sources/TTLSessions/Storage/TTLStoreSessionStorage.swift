#if Sessions
public import TTLStore

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// Sessions in a `TTLStore`: one entry for each, with its subject as the tag.
///
/// The entries' keys and tags begin with `ttl.session:`, so a store can hold other entries as well. Loading is one
/// read; every change is one commit, but for `endAll()`, which removes 200 sessions at a time.
public struct TTLStoreSessionStorage: SessionStorage {
    /// The beginning of every key and tag; `Migrations/M0002_sessions.sql` knows it as well.
    static let prefix = "ttl.session:"
    /// The longest tag of a store, without the prefix, and some room for later.
    static let maximumSubject = 1000

    let store: TTLStore

    /// The store stays the caller's to close.
    public init(_ store: TTLStore) { self.store = store }

    /// The live record of an identifier, or of the one that took its place.
    public func load(_ id: SessionID) async throws -> StoredSession? {
        guard let entry = try await store.entry(Self.key(id)) else { return nil }
        guard let successor = Self.successor(entry) else { return try Self.session(entry, id) }
        guard let entry = try await store.entry(Self.key(successor)), Self.successor(entry) == nil else { return nil }
        return try Self.session(entry, successor)
    }

    /// Stores a new record.
    public func create(_ record: SessionRecord, id: SessionID) async throws -> SessionRevision {
        try await store.set(
            Self.key(id), try SessionText.text(of: record), expiring: Self.expiry(record.expiresAt),
            tag: Self.tag(record.subject))
        // Only an end of all sessions, of the subject or of everybody, can come in between.
        guard let entry = try await store.entry(Self.key(id)) else { throw SessionError.ended }
        return SessionRevision(rawValue: entry.revision.number)
    }

    /// Replaces a live record, if it was not written since the revision.
    public func save(
        _ record: SessionRecord, id: SessionID, ifUnchanged revision: SessionRevision
    ) async throws -> SessionWrite {
        let outcome = try await store.set(
            Self.key(id), try SessionText.text(of: record), expiring: Self.expiry(record.expiresAt),
            tag: Self.tag(record.subject), when: .ifUnchanged(since: TTLStore.Revision(number: revision.rawValue)))
        switch outcome {
        case .stored: return .written(Self.next(revision))
        case .alreadyExpired: return .absent
        case .conditionNotMet:
            guard let entry = try await store.entry(Self.key(id)), Self.successor(entry) == nil else { return .absent }
            return .changed
        }
    }

    /// Moves `expiresAt` of a live record to a later time.
    public func extend(_ id: SessionID, until expiresAt: Int64) async throws -> Bool {
        let outcome = try await store.touch(Self.key(id), expiring: Self.expiry(expiresAt), when: .ifLater)
        return outcome == .touched || outcome == .conditionNotMet
    }

    /// Replaces a live record and gives it another identifier.
    public func rotate(
        _ id: SessionID, to newID: SessionID, _ record: SessionRecord, ifUnchanged revision: SessionRevision,
        graceEnd: Int64?
    ) async throws -> SessionWrite {
        let text = try SessionText.text(of: record)
        let (key, newKey) = (Self.key(id), Self.key(newID))
        return try await store.transaction { transaction in
            guard let entry = try transaction.entry(key), Self.successor(entry) == nil else { return .absent }
            guard entry.revision.number == revision.rawValue else { return .changed }
            guard try transaction.rename(key, to: newKey) == .renamed else { return .absent }
            let outcome = try transaction.set(
                newKey, text, expiring: Self.expiry(record.expiresAt), tag: Self.tag(record.subject))
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
        try await store.transaction { transaction in
            guard let entry = try transaction.entry(Self.key(id)) else { return false }
            try transaction.remove(Self.key(id))
            guard let successor = Self.successor(entry) else { return true }
            return try transaction.remove(Self.key(successor))
        }
    }

    /// Removes live records of a subject.
    public func end(_ choice: SessionChoice, of subject: String) async throws -> Int {
        guard let tag = Self.tag(subject) else { return 0 }
        if case .all = choice { return try await store.removeAll(.tag(tag)) }
        return try await store.transaction { transaction in
            var chosen: [String] = []
            var cursor: TTLStore.Cursor?
            repeat {
                let page = try transaction.entries(.tag(tag), limit: 100, after: cursor)
                chosen += page.elements.compactMap { entry in
                    Self.handle(entry).flatMap { choice.includes($0) ? entry.key : nil }
                }
                cursor = page.next
            } while cursor != nil
            return try transaction.removeAll(chosen)
        }
    }

    /// Removes all records, 200 in one transaction, once through the file.
    public func endAll() async throws -> Int {
        var (count, cursor): (Int, TTLStore.Cursor?) = (0, nil)
        repeat {
            let page = try await store.entries(.prefix(Self.prefix), limit: 200, after: cursor)
            let removed = try await store.removeAll(page.elements.map(\.key))
            count += max(0, removed - page.elements.count { Self.successor($0) != nil })
            cursor = page.next
        } while cursor != nil
        return count
    }

    /// The live records of a subject.
    public func list(_ subject: String) async throws -> [StoredSession] {
        guard let tag = Self.tag(subject) else { return [] }
        var sessions: [StoredSession] = []
        var cursor: TTLStore.Cursor?
        repeat {
            let page = try await store.entries(.tag(tag), limit: 100, after: cursor)
            sessions += try page.elements.map { entry in try Self.session(entry, try Self.id(entry)) }
            cursor = page.next
        } while cursor != nil
        return sessions
    }

    /// Gives one caller exclusive access: a lease of the store.
    public func lock(_ handle: SessionHandle, milliseconds: Int64) async throws -> SessionLock? {
        let lease = try await store.acquireLease(Self.prefix + handle.text, for: .milliseconds(milliseconds))
        return lease.map { SessionLock(handle: handle, number: $0.token) }
    }

    /// Gives exclusive access back.
    public func unlock(_ lock: SessionLock) async throws {
        let lease = TTLStore.Lease(
            name: Self.prefix + lock.handle.text, owner: "", expiresAt: .distantFuture, token: lock.number)
        try await store.release(lease)
    }
}

extension TTLStoreSessionStorage {
    private static func key(_ id: SessionID) -> String { prefix + id.text }

    private static func tag(_ subject: String?) -> String? { subject.map { prefix + $0 } }

    private static func expiry(_ milliseconds: Int64) -> TTLStore.Expiry {
        .at(Date(timeIntervalSince1970: Double(milliseconds) / 1000))
    }

    private static func milliseconds(_ date: Date) -> Int64 { Int64((date.timeIntervalSince1970 * 1000).rounded()) }

    private static func id(_ entry: TTLStore.Entry) throws(SessionError) -> SessionID {
        guard let id = SessionID(entry.key.dropFirst(prefix.count)) else { throw unreadable }
        return id
    }

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

    private static func handle(_ entry: TTLStore.Entry) -> SessionHandle? { record(entry)?.handle }

    /// Of a session that has left the store; nil for another entry.
    static func handle(_ removal: TTLStore.Removal) -> SessionHandle? {
        guard removal.key.utf8.starts(with: prefix.utf8), case .text(let text) = removal.value else { return nil }
        return SessionText.record(text, createdAt: 0, writtenAt: 0, expiresAt: 0)?.handle
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
#endif
