#if Sessions
import TTLStore
import TTLStoreTesting
import TTLTestSupport
import Testing

@testable import TTLSessions

/// The store and the storage in memory do the same at random, and must answer the same.
@Suite struct StorageModelTests {
    @Test("the store answers 20 times 400 random calls as storage in memory does", arguments: 0..<20)
    func same(seed: UInt64) async throws {
        let clock = ManualClock()
        var configuration = TTLStore.Configuration()
        configuration.clock = clock.wallClock
        let store = try TTLStore.inMemory(configuration: configuration)
        var run = RandomRun(
            clock: clock, store: try TTLStoreSessionStorage(store),
            model: InMemorySessionStorage(clock: clock.wallClock), generator: SeededGenerator(seed: seed))
        for step in 0..<400 {
            let (call, answers) = try await run.step()
            #expect(answers.store == answers.model, "step \(step): \(call)")
        }
        await store.close()
    }
}

private struct RandomRun {
    let clock: ManualClock
    let store: TTLStoreSessionStorage
    let model: InMemorySessionStorage
    var generator: SeededGenerator
    private var ids: [SessionID] = []
    private var handles: [SessionHandle] = [.make()]
    /// What was loaded last by each identifier, from the store and from the model: their revisions differ.
    private var loaded: [SessionID: (store: StoredSession, model: StoredSession)] = [:]
    private var locks: [(store: SessionLock, model: SessionLock)] = []

    init(
        clock: ManualClock, store: TTLStoreSessionStorage, model: InMemorySessionStorage, generator: SeededGenerator
    ) {
        (self.clock, self.store, self.model, self.generator) = (clock, store, model, generator)
    }

    typealias Answers = (store: String, model: String)

    mutating func step() async throws -> (call: String, answers: Answers) {
        switch Int.random(in: 0..<20, using: &generator) {
        case 0...2: return ("create", try await create())
        case 3...6: return ("load", try await load(anyID()))
        case 7...9: return ("save", try await save())
        case 10: return ("extend", try await extend())
        case 11...13: return ("rotate", try await rotate())
        case 14:
            let id = anyID()
            return ("end", ("\(try await store.end(id))", "\(await model.end(id))"))
        case 15: return ("end of a subject", try await endOfSubject())
        case 16: return ("list", try await list())
        case 17: return ("lock", try await lock())
        case 18 where Int.random(in: 0..<10, using: &generator) == 0:
            return ("end all", ("\(try await store.endAll())", "\(await model.endAll())"))
        default:
            clock.advance(by: .milliseconds(Int.random(in: 1...3000, using: &generator)))
            return ("wait", ("", ""))
        }
    }

    private mutating func anyID() -> SessionID { ids.randomElement(using: &generator) ?? SessionToken.make().id }

    private mutating func anySubject() -> String? { ["ada", "bob", nil].randomElement(using: &generator) ?? nil }

    private mutating func record(_ handle: SessionHandle) -> SessionRecord {
        let now = clock.now
        return SessionRecord(
            handle: handle, subject: anySubject(), createdAt: now, writtenAt: now, authenticatedAt: nil,
            tokenIssuedAt: now, idleTimeout: 5000, expiresAt: now + Int64.random(in: 1...6000, using: &generator),
            endsAt: now + 6000, isRemembered: Bool.random(using: &generator), client: SessionClient(label: "x"),
            flash: [], payload: "[\(Int.random(in: 0...99, using: &generator))]")
    }

    private mutating func create() async throws -> Answers {
        let (id, record) = (SessionToken.make().id, record(.make()))
        ids.append(id)
        handles.append(record.handle)
        _ = try await store.create(record, id: id)
        _ = await model.create(record, id: id)
        return try await load(id)
    }

    private mutating func load(_ id: SessionID) async throws -> Answers {
        let (found, expected) = (try await store.load(id), await model.load(id))
        if let found, let expected { loaded[id] = (found, expected) }
        return (Self.shown(found), Self.shown(expected))
    }

    private mutating func save() async throws -> Answers {
        guard let (id, states) = loaded.randomElement(using: &generator) else { return ("", "") }
        var record = record(states.store.record.handle)
        record.createdAt = states.store.record.createdAt
        let write = try await store.save(record, id: states.store.id, ifUnchanged: states.store.revision)
        let expected = await model.save(record, id: states.model.id, ifUnchanged: states.model.revision)
        _ = try await load(id)
        return (Self.shown(write), Self.shown(expected))
    }

    private mutating func rotate() async throws -> Answers {
        guard let (id, states) = loaded.randomElement(using: &generator) else { return ("", "") }
        var record = record(states.store.record.handle)
        record.createdAt = states.store.record.createdAt
        let newID = SessionToken.make().id
        ids.append(newID)
        let grace = Bool.random(using: &generator) ? clock.now + Int64.random(in: 1...4000, using: &generator) : nil
        let write = try await store.rotate(
            states.store.id, to: newID, record, ifUnchanged: states.store.revision, graceEnd: grace)
        let expected = await model.rotate(
            states.model.id, to: newID, record, ifUnchanged: states.model.revision, graceEnd: grace)
        _ = try await load(id)
        let (found, other) = (try await load(newID), (Self.shown(write), Self.shown(expected)))
        return (found.store + other.0, found.model + other.1)
    }

    private mutating func extend() async throws -> Answers {
        let end = clock.now + Int64.random(in: 1...6000, using: &generator)
        guard let (id, states) = loaded.randomElement(using: &generator) else { return ("", "") }
        let answers = (
            "\(try await store.extend(states.store.id, until: end, ifUnchanged: states.store.revision))",
            "\(await model.extend(states.model.id, until: end, ifUnchanged: states.model.revision))"
        )
        let found = try await load(id)
        return (answers.0 + found.store, answers.1 + found.model)
    }

    private mutating func endOfSubject() async throws -> Answers {
        let subject = anySubject() ?? "ada"
        let handle = handles.randomElement(using: &generator) ?? .make()
        let choices: [SessionChoice] = [.all, .one(handle), .allExcept(handle), .some([handle])]
        let choice = choices.randomElement(using: &generator) ?? .all
        return ("\(try await store.end(choice, of: subject))", "\(await model.end(choice, of: subject))")
    }

    private mutating func list() async throws -> Answers {
        let subject = anySubject() ?? "bob"
        let (found, expected) = (try await store.list(subject), await model.list(subject))
        return (found.map(Self.shown).sorted().joined(), expected.map(Self.shown).sorted().joined())
    }

    private mutating func lock() async throws -> Answers {
        if Bool.random(using: &generator), let held = locks.randomElement(using: &generator) {
            try await store.unlock(held.store)
            await model.unlock(held.model)
            return ("", "")
        }
        let handle = handles.randomElement(using: &generator) ?? .make()
        let lock = try await store.lock(handle, milliseconds: 2000)
        let expected = await model.lock(handle, milliseconds: 2000)
        if let lock, let expected { locks.append((lock, expected)) }
        return ("\(lock != nil)", "\(expected != nil)")
    }

    private static func shown(_ session: StoredSession?) -> String {
        session.map { "\($0.id.text) \($0.record)" } ?? "none"
    }

    private static func shown(_ write: SessionWrite) -> String {
        if case .written = write { "written" } else { "\(write)" }
    }
}
#endif
