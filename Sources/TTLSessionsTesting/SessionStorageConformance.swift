#if Sessions
public import TTLSessions
public import TTLStore
internal import TTLStoreTesting

/// Checks an implementation of ``SessionStorage`` against the protocol's sentences.
///
/// ```swift
/// let failures = await SessionStorageConformance { clock in MyStorage(clock: clock) }.failures()
/// #expect(failures.isEmpty)
/// ```
///
/// It needs no framework for tests, takes about a second beside what the storage takes, and moves a clock instead of
/// waiting.
public struct SessionStorageConformance: Sendable {
    /// A sentence that does not hold.
    public struct Failure: Hashable, Sendable, CustomStringConvertible {
        /// The sentence.
        public let sentence: String
        /// What was seen instead, or the error that was thrown.
        public let reason: String

        /// The sentence and what was seen.
        public var description: String { "\(sentence): \(reason)" }
    }

    private let makeStorage: @Sendable (TTLStore.WallClock) async throws -> any SessionStorage

    /// - Parameter makeStorage: makes empty storage that tells the time by the clock. Called once for each sentence.
    public init(_ makeStorage: @escaping @Sendable (TTLStore.WallClock) async throws -> any SessionStorage) {
        self.makeStorage = makeStorage
    }

    /// All sentences, in the order in which they are checked.
    public static var sentences: [String] { Trial.all.map(\.sentence) }

    /// Checks all sentences, one after the other.
    /// - Returns: the ones that do not hold.
    public func failures() async -> [Failure] {
        var failures: [Failure] = []
        for trial in Trial.all {
            do {
                let clock = ManualClock()
                try await trial.body(StorageUnderTest(try await makeStorage(clock.wallClock), clock))
            } catch let violation as Violation {
                failures.append(Failure(sentence: trial.sentence, reason: violation.what))
            } catch {
                failures.append(Failure(sentence: trial.sentence, reason: "threw \(error)"))
            }
        }
        return failures
    }
}

/// One sentence and the code that tries it.
struct Trial: Sendable {
    let sentence: String
    let body: @Sendable (StorageUnderTest) async throws -> Void

    init(_ sentence: String, _ body: @escaping @Sendable (StorageUnderTest) async throws -> Void) {
        self.sentence = sentence
        self.body = body
    }

    static let all = records + expiry + rotation + subjects + concurrency + locks
}

/// What was seen instead of what a sentence says.
struct Violation: Error {
    let what: String
}

/// Storage with a clock that stands still, and records to put into it.
struct StorageUnderTest: Sendable {
    let storage: any SessionStorage
    private let clock: ManualClock

    var now: Int64 { clock.now }

    func advance(by duration: Duration) { clock.advance(by: duration) }

    init(_ storage: any SessionStorage, _ clock: ManualClock) {
        self.storage = storage
        self.clock = clock
    }

    /// A session that lasts for ten minutes without use, and for an hour.
    func record(subject: String? = nil, payload: String = #"{"n":1}"#) -> SessionRecord {
        let now = clock.now
        return SessionRecord(
            handle: .make(), subject: subject, createdAt: now, writtenAt: now, authenticatedAt: nil,
            tokenIssuedAt: now, idleTimeout: 600_000, expiresAt: now + 600_000, endsAt: now + 3_600_000,
            isRemembered: false, client: SessionClient(), flash: [], payload: payload)
    }

    func newID() -> SessionID { SessionToken.make().id }

    /// A stored session, as it is loaded.
    func create(_ record: SessionRecord) async throws -> StoredSession {
        let id = newID()
        let revision = try await storage.create(record, id: id)
        guard let stored = try await storage.load(id) else { throw Violation(what: "a new record is absent") }
        try expect(stored.revision == revision, "the revision of create is not the one of load")
        return stored
    }

    func expect(_ condition: Bool, _ otherwise: String) throws {
        if !condition { throw Violation(what: otherwise) }
    }
}

extension SessionWrite {
    /// The new revision.
    /// - Throws: a violation if nothing was written.
    func revision() throws -> SessionRevision {
        guard case .written(let revision) = self else { throw Violation(what: "\(self) instead of written") }
        return revision
    }
}
#endif
