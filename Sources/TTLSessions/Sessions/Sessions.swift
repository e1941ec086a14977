#if Sessions
public import TTLStore

/// Sessions of a web server: a token in the browser, a record in storage, and between them only the token's hash.
///
/// ```swift
/// let sessions = try Sessions<Cart>(store: store)
/// let issued = try await sessions.create(Cart(), subject: "alice")     // issued.token.text goes into the cookie
/// if var session = try await sessions.load(cookie) {                   // nil: no such session, or it has ended
///     session.payload.add("book")
///     try await sessions.save(session)                                 // throws if it was ended meanwhile
/// }
/// ```
///
/// Any number of tasks and of processes may use the same storage, each through an object of its own. An operation is
/// one step: another request sees all of it, or nothing. Exceptions are `endEverybody()`, `withExclusiveAccess`, and
/// the end of surplus sessions after a login: if that fails, the login throws, and its session exists. Errors of
/// storage are thrown as they are, and never answered with "no session". The tasks are suspended; only
/// `withExclusiveAccess`, while it waits, and `reportTimeouts()` look at their cancellation.
public final class Sessions<Payload: Codable & Sendable>: Sendable {
    /// The settings.
    public let configuration: SessionConfiguration
    let storage: any SessionStorage
    let counters = SessionCounters()

    /// Sessions in a store.
    /// - Parameters:
    ///   - store: stays the caller's to close. The sessions' clock is the store's.
    ///   - name: of this kind of session: 1 to 32 letters, digits, `-` and `_` of ASCII. Give each kind in one store
    ///     its own, for example `web` and `admin`: a token of one kind opens nothing of the other.
    ///   - configuration: the settings.
    /// - Throws: `invalidConfiguration`.
    public convenience init(
        store: TTLStore, name: String = "web", configuration: SessionConfiguration = SessionConfiguration()
    ) throws(SessionError) {
        var configuration = configuration
        configuration.clock = store.configuration.clock
        try self.init(storage: TTLStoreSessionStorage(store, name: name), configuration: configuration)
    }

    /// Sessions in other storage.
    /// - Throws: `invalidConfiguration`.
    public init(
        storage: any SessionStorage, configuration: SessionConfiguration = SessionConfiguration()
    ) throws(SessionError) {
        try configuration.validate()
        self.storage = storage
        self.configuration = configuration
    }

    /// Begins a session. One commit, and with a subject and `maximumPerSubject` a listing of the subject's sessions.
    ///
    /// For a login of a browser that has a session already, call
    /// ``authenticate(_:as:remembered:client:idleTimeout:flash:)``, which ends the old token.
    /// - Parameters:
    ///   - payload: the application's data.
    ///   - subject: the user, who has just authenticated; nil for a session without. 1 to 512 bytes of UTF-8.
    ///   - remembered: whether the cookie outlives the browser; it decides about the timeouts.
    ///   - idleTimeout: instead of the one of the configuration; at most the absolute timeout counts.
    ///   - client: what the page with the user's sessions shows of the device.
    ///   - flash: messages for the next page.
    /// - Throws: `payloadTooLarge`, `invalidPayload`, `invalidSubject`, `invalidExpiry`, and the errors of storage.
    public func create(
        _ payload: Payload, subject: String? = nil, remembered: Bool = false, idleTimeout: Duration? = nil,
        client: SessionClient = SessionClient(), flash: [FlashMessage] = []
    ) async throws -> IssuedSession<Payload> {
        try Sessions.check(subject)
        let now = configuration.now
        let timeouts = configuration.timeouts(remembered: remembered)
        let record = SessionRecord(
            handle: .make(), subject: subject, createdAt: now, writtenAt: now,
            authenticatedAt: subject == nil ? nil : now, tokenIssuedAt: now,
            idleTimeout: try Sessions.milliseconds(idleTimeout ?? timeouts.idle), expiresAt: 0,
            endsAt: now + timeouts.absolute.milliseconds, isRemembered: remembered, client: client, flash: flash,
            payload: try text(payload))
        var used = record
        used.noteUse(now)
        let token = SessionToken.make()
        let revision = try await storage.create(used, id: token.id)
        report(.created, used.handle)
        if let subject { try await enforceMaximum(of: subject) }
        let stored = StoredSession(record: used, id: token.id, revision: revision)
        return IssuedSession(session: session(stored, payload, loadedID: token.id, now: now), token: token)
    }

    // MARK: What the other files use

    func text(_ payload: Payload) throws(SessionError) -> String {
        try PayloadCoding.text(payload, maximumSize: configuration.maximumPayloadSize)
    }

    func session(_ stored: StoredSession, _ payload: Payload, loadedID: SessionID, now: Int64) -> Session<Payload> {
        Session(
            payload: payload, details: SessionDetails(stored.record, now: now, isCurrent: true), stored: stored,
            loadedID: loadedID)
    }

    func report(_ kind: SessionEvent.Kind, _ handle: SessionHandle? = nil, count: Int? = nil) {
        let event = SessionEvent(kind, handle, count: count)
        counters.count(event)
        configuration.onEvent?(event)
    }

    static func check(_ subject: String?) throws(SessionError) {
        guard let subject else { return }
        guard (1...512).contains(subject.utf8.count) else {
            throw SessionError(
                .invalidSubject, "a subject has 1 to 512 bytes of UTF-8, this one \(subject.utf8.count)")
        }
    }

    static func milliseconds(_ timeout: Duration) throws(SessionError) -> Int64 {
        guard timeout > .zero else { throw SessionError(.invalidExpiry, "a timeout is longer than zero") }
        return timeout.milliseconds
    }
}
#endif
