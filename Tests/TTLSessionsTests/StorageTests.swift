#if Sessions
import TTLSessions
import TTLSessionsTesting
import TTLStore
import TTLTestSupport
import Testing

@Suite struct StorageTests {
    @Test("the store keeps every sentence of the storage protocol") func store() async throws {
        let stores = Collected<TTLStore>()
        let failures = await SessionStorageConformance { clock in
            var configuration = TTLStore.Configuration()
            configuration.clock = clock
            let store = try TTLStore.inMemory(configuration: configuration)
            stores.append(store)
            return try TTLStoreSessionStorage(store)
        }.failures()
        #expect(failures == [])
        for store in stores.all { await store.close() }
    }

    @Test("a store in a file keeps them as well") func file() async throws {
        let folder = try TemporaryFolder()
        defer { withExtendedLifetime(folder) {} }
        let number = Counter()
        let failures = await SessionStorageConformance { clock in
            var configuration = TTLStore.Configuration()
            configuration.clock = clock
            number.add()
            let path = folder("\(number.value).db")
            return try TTLStoreSessionStorage(await TTLStore(path: path, configuration: configuration))
        }.failures()
        #expect(failures == [])
    }

    @Test("storage in memory keeps every sentence") func memory() async {
        let failures = await SessionStorageConformance { InMemorySessionStorage(clock: $0) }.failures()
        #expect(failures == [])
    }

    @Test("the conformance suite finds storage that breaks a sentence") func faulty() async {
        let failures = await SessionStorageConformance { FaultyStorage(InMemorySessionStorage(clock: $0)) }.failures()
        #expect(failures.map(\.sentence).contains("a save after the end is absent, and brings nothing back"))
        #expect(failures.map(\.sentence).contains("the end of the session ends the grace period"))
        #expect(failures.count < SessionStorageConformance.sentences.count)
    }
}

/// It ends a session by forgetting nothing.
private struct FaultyStorage: SessionStorage {
    let inner: InMemorySessionStorage

    init(_ inner: InMemorySessionStorage) { self.inner = inner }

    func load(_ id: SessionID) async -> StoredSession? { await inner.load(id) }
    func create(_ record: SessionRecord, id: SessionID) async -> SessionRevision {
        await inner.create(record, id: id)
    }
    func save(_ record: SessionRecord, id: SessionID, ifUnchanged revision: SessionRevision) async -> SessionWrite {
        await inner.save(record, id: id, ifUnchanged: revision)
    }
    func extend(_ id: SessionID, until expiresAt: Int64, ifUnchanged revision: SessionRevision) async -> Bool {
        await inner.extend(id, until: expiresAt, ifUnchanged: revision)
    }
    func rotate(
        _ id: SessionID, to newID: SessionID, _ record: SessionRecord, ifUnchanged revision: SessionRevision,
        graceEnd: Int64?
    ) async -> SessionWrite {
        await inner.rotate(id, to: newID, record, ifUnchanged: revision, graceEnd: graceEnd)
    }
    func end(_ id: SessionID) async -> Bool { await inner.load(id) != nil }
    func end(_ choice: SessionChoice, of subject: String) async -> Int { await inner.end(choice, of: subject) }
    func endAll() async -> Int { await inner.endAll() }
    func list(_ subject: String) async -> [StoredSession] { await inner.list(subject) }
    func lock(_ handle: SessionHandle, milliseconds: Int64) async -> SessionLock? {
        await inner.lock(handle, milliseconds: milliseconds)
    }
    func unlock(_ lock: SessionLock) async { await inner.unlock(lock) }
}
#endif
