#if Sessions
/// Where sessions are kept. ``TTLStoreSessionStorage`` is the one to use; ``InMemorySessionStorage`` is for tests, and
/// shows how little an implementation on another engine takes.
///
/// Every method but `list` and `endAll` is one atomic step for all processes that share the storage; its effect is seen
/// by every later call in any of them. A record is live while `now < expiresAt`; one that has expired is absent for
/// every method, be it still stored or not. A method that can't do its work throws; it never answers as if there were
/// no session.
///
/// `SessionStorageConformance` of the product `TTLSessionsTesting` checks an implementation against these sentences.
public protocol SessionStorage: Sendable {
    /// The live record of an identifier; nil if there is none. For an identifier in its grace period, that is the
    /// record of the one that took its place, if that is live.
    func load(_ id: SessionID) async throws -> StoredSession?

    /// Stores a new record until `record.expiresAt`.
    /// - Returns: its first revision.
    func create(_ record: SessionRecord, id: SessionID) async throws -> SessionRevision

    /// Replaces a live record, until `record.expiresAt`, if it was not written since the revision.
    func save(_ record: SessionRecord, id: SessionID, ifUnchanged revision: SessionRevision) async throws
        -> SessionWrite

    /// Moves `expiresAt` of a live record to a later time, if it was not written since the revision; an earlier time is
    /// ignored. The revision and the rest of the record stay. The payload need not be written for it.
    /// - Parameters:
    ///   - id: the present identifier. One in its grace period counts as absent.
    ///   - expiresAt: in milliseconds since 1970.
    ///   - revision: the state in which the record has to be.
    /// - Returns: false if no live record has the identifier, or if it was written meanwhile.
    func extend(_ id: SessionID, until expiresAt: Int64, ifUnchanged revision: SessionRevision) async throws -> Bool

    /// Replaces a live record, as `save` does, and gives it another identifier. At no moment are both identifiers
    /// valid, or neither, but for the grace period.
    /// - Parameters:
    ///   - id: the present identifier. One in its grace period counts as absent.
    ///   - newID: the identifier from now on.
    ///   - record: the record from now on.
    ///   - revision: the state in which the record has to be.
    ///   - graceEnd: until when the old identifier leads to the new one, in milliseconds since 1970; nil if it is
    ///     unknown at once. An identifier that led to the old one is unknown from now on.
    func rotate(
        _ id: SessionID, to newID: SessionID, _ record: SessionRecord, ifUnchanged revision: SessionRevision,
        graceEnd: Int64?
    ) async throws -> SessionWrite

    /// Removes the record of an identifier, or the one to which the identifier leads in its grace period.
    /// - Returns: whether there was a live one.
    func end(_ id: SessionID) async throws -> Bool

    /// Removes live records of a subject. Subjects are compared by their bytes.
    /// - Returns: how many there were.
    func end(_ choice: SessionChoice, of subject: String) async throws -> Int

    /// Removes all records that are there when it is called, also if they get other identifiers meanwhile. It may take
    /// several steps. A record that is created meanwhile may go as well.
    /// - Returns: how many there were.
    func endAll() async throws -> Int

    /// The live records of a subject, in no particular order. It may take several steps: a record that is created,
    /// ended or rotated meanwhile may be there or not.
    func list(_ subject: String) async throws -> [StoredSession]

    /// Gives one caller exclusive access to a session, by an agreement between callers: no other method looks at it.
    /// - Parameters:
    ///   - handle: the session's.
    ///   - milliseconds: after which the access ends by itself.
    /// - Returns: nil if another caller has it.
    func lock(_ handle: SessionHandle, milliseconds: Int64) async throws -> SessionLock?

    /// Gives exclusive access back. Does nothing if it has ended by itself.
    func unlock(_ lock: SessionLock) async throws
}

/// A record in storage, with its payload.
struct DecodedSession<Payload: Codable & Sendable>: Sendable {
    let stored: StoredSession
    /// Or why it can't be decoded.
    let payload: Result<Payload, SessionError>

    init(_ stored: StoredSession, decoding type: Payload.Type) {
        self.stored = stored
        payload = Result { () throws(SessionError) in try PayloadCoding.payload(type, stored.record.payload) }
    }
}

/// A record in storage.
public struct StoredSession: Hashable, Sendable {
    /// The record.
    public let record: SessionRecord
    /// Its present identifier.
    public let id: SessionID
    /// Its state; another one after each `save` and `rotate`.
    public let revision: SessionRevision

    /// A record as it was read.
    public init(record: SessionRecord, id: SessionID, revision: SessionRevision) {
        self.record = record
        self.id = id
        self.revision = revision
    }
}

/// A state of a record: a number that no other state of the record has, nor of an earlier one of that identifier.
public struct SessionRevision: Hashable, Sendable, RawRepresentable {
    /// The number.
    public let rawValue: Int64

    /// The number that storage has given to a state.
    public init(rawValue: Int64) { self.rawValue = rawValue }
}

/// What a conditional write did.
public enum SessionWrite: Hashable, Sendable {
    /// The record was written, and has this revision now.
    case written(SessionRevision)
    /// The record is live and was written since the revision; nothing was changed.
    case changed
    /// No live record has the identifier; nothing was changed.
    case absent
}

/// Which sessions of a subject.
public enum SessionChoice: Hashable, Sendable {
    /// All of them.
    case all
    /// The one with the handle.
    case one(SessionHandle)
    /// All but the one with the handle.
    case allExcept(SessionHandle)
    /// The ones with the handles.
    case some(Set<SessionHandle>)

    /// Whether a session is meant.
    /// - Parameter handle: nil for a record that can't be read.
    public func includes(_ handle: SessionHandle?) -> Bool {
        switch self {
        case .all: true
        case .one(let one): handle == one
        case .allExcept(let one): handle != one
        case .some(let handles): handle.map(handles.contains) ?? false
        }
    }
}

/// Exclusive access to a session.
public struct SessionLock: Hashable, Sendable {
    /// The session's handle.
    public let handle: SessionHandle
    /// A number that tells this access from later ones.
    public let number: Int64

    /// An access that storage has given.
    public init(handle: SessionHandle, number: Int64) {
        self.handle = handle
        self.number = number
    }
}
#endif
