#if Sessions
public import TTLStore

/// Sessions in the memory of one process, for tests: they end with it, and nothing removes the expired ones but their
/// use.
public actor InMemorySessionStorage: SessionStorage {
    private struct Row {
        var record: SessionRecord
        var revision: SessionRevision
    }

    private struct Grace {
        let id: SessionID
        let start: Int64
        let end: Int64
    }

    private let clock: TTLStore.WallClock
    private var rows: [SessionID: Row] = [:]
    private var graces: [SessionID: Grace] = [:]
    private var locks: [SessionHandle: (number: Int64, end: Int64)] = [:]
    private var lastNumber: Int64 = 0

    /// - Parameter clock: give ``SessionConfiguration/clock`` the same one.
    public init(clock: TTLStore.WallClock = .system) { self.clock = clock }

    /// The live record of an identifier, or of the one that took its place.
    public func load(_ id: SessionID) -> StoredSession? {
        // Where the clock was set back behind its beginning, a grace period must end and not wait.
        if let grace = graces[id], clock.now < grace.start { graces[id] = nil }
        let id = resolved(id)
        return live(id).map { StoredSession(record: $0.record, id: id, revision: $0.revision) }
    }

    /// Stores a new record.
    public func create(_ record: SessionRecord, id: SessionID) -> SessionRevision {
        let revision = nextRevision()
        rows[id] = Row(record: record, revision: revision)
        return revision
    }

    /// Replaces a live record, if it was not written since the revision.
    public func save(_ record: SessionRecord, id: SessionID, ifUnchanged revision: SessionRevision) -> SessionWrite {
        guard let row = live(id) else { return .absent }
        guard row.revision == revision else { return .changed }
        let next = nextRevision()
        rows[id] = Row(record: record, revision: next)
        return .written(next)
    }

    /// Moves `expiresAt` of a live record to a later time.
    public func extend(_ id: SessionID, until expiresAt: Int64, ifUnchanged revision: SessionRevision) -> Bool {
        guard let row = live(id), row.revision == revision else { return false }
        rows[id]?.record.expiresAt = max(row.record.expiresAt, expiresAt)
        return true
    }

    /// Replaces a live record and gives it another identifier.
    public func rotate(
        _ id: SessionID, to newID: SessionID, _ record: SessionRecord, ifUnchanged revision: SessionRevision,
        graceEnd: Int64?
    ) -> SessionWrite {
        let write = save(record, id: id, ifUnchanged: revision)
        guard case .written = write else { return write }
        rows[newID] = rows.removeValue(forKey: id)
        graces = graces.filter { $0.value.id != id && $0.value.end > clock.now }
        if let graceEnd { graces[id] = Grace(id: newID, start: clock.now, end: graceEnd) }
        return write
    }

    /// Removes the record of an identifier.
    public func end(_ id: SessionID) -> Bool {
        let id = resolved(id)
        let wasLive = live(id) != nil
        rows[id] = nil
        return wasLive
    }

    /// Removes live records of a subject.
    public func end(_ choice: SessionChoice, of subject: String) -> Int {
        let chosen = list(subject).filter { choice.includes($0.record.handle) }
        for session in chosen { rows[session.id] = nil }
        return chosen.count
    }

    /// Removes all records.
    public func endAll() -> Int {
        let count = rows.keys.count { live($0) != nil }
        rows = [:]
        graces = [:]
        return count
    }

    /// The live records of a subject.
    public func list(_ subject: String) -> [StoredSession] {
        rows.compactMap { id, row in
            guard let other = row.record.subject, other.utf8.elementsEqual(subject.utf8), live(id) != nil else {
                return nil
            }
            return StoredSession(record: row.record, id: id, revision: row.revision)
        }
    }

    /// Gives one caller exclusive access.
    public func lock(_ handle: SessionHandle, milliseconds: Int64) -> SessionLock? {
        if let held = locks[handle], clock.now < held.end { return nil }
        lastNumber += 1
        locks[handle] = (lastNumber, clock.now &+ milliseconds)
        return SessionLock(handle: handle, number: lastNumber)
    }

    /// Gives exclusive access back.
    public func unlock(_ lock: SessionLock) {
        if locks[lock.handle]?.number == lock.number { locks[lock.handle] = nil }
    }

    private func live(_ id: SessionID) -> Row? {
        guard let row = rows[id], clock.now < row.record.expiresAt else { return nil }
        return row
    }

    private func resolved(_ id: SessionID) -> SessionID {
        guard let grace = graces[id], grace.start <= clock.now, clock.now < grace.end else { return id }
        return grace.id
    }

    private func nextRevision() -> SessionRevision {
        lastNumber += 1
        return SessionRevision(rawValue: lastNumber)
    }
}
#endif
