import TTLStore
import TTLTestSupport
import Testing

@Suite("Closed and read-only stores") struct ClosedStoreTests {
    @Test("after close every operation fails as closed", arguments: Setting.all, Operation.allCases)
    func closed(setting: Setting, operation: Operation) async throws {
        let store = try setting.open()
        try await store.set("k", "v")
        await store.close()
        let error = await expectFailure(.closed) { try await operation.run(store, "k") }
        #expect(error?.isOutcomeUnknown == false)
        await store.close()
        await expectFailure(.closed) { try await operation.run(store, "k") }
    }

    @Test(
        "a read-only store reads, and every change fails as such and changes nothing",
        arguments: [Setting.Form.synchronous, .suspending])
    func readOnly(form: Setting.Form) async throws {
        let writable = try Setting(form: form, place: .file).open()
        try await writable.set("k", "v", expiring: .after(.seconds(50)))
        try await writable.set("gone", "v", expiring: .after(.seconds(1)))
        writable.clock.advance(by: .seconds(1))
        let store = try writable.reopened { $0.access = .readOnly }
        let before = try store.contents()
        #expect(before.live.map(\.key) == ["k"])
        #expect(before.expired.map(\.key) == ["gone"])
        // A stale value that can't be refreshed is served as it is.
        let changes = Operation.allCases.filter { $0.writes && $0 != .refresh }
        for operation in changes where operation != .purgeExpired {
            await expectFailure(.readOnlyStore, "\(operation)") { try await operation.run(store, "k") }
        }
        await expectFailure(.readOnlyStore) { try await store.purgeExpired() }
        for operation in Operation.allCases where !changes.contains(operation) { try await operation.run(store, "k") }
        #expect(try store.contents() == before)
        #expect(try await store.count() == 1)
        #expect(try await store.statistics().expiredEntries == 1)
        await store.close()
        await expectFailure(.closed) { try await store.get("k") }
    }

    @Test("a store may be dropped, or closed, at the moment when a write returns", arguments: [true, false])
    func droppedAfterWrite(isClosed: Bool) async throws {
        for _ in 0..<200 {
            let store = try Setting(form: .suspending, place: .memory).open()
            await withTaskGroup(of: Void.self) { group in
                for number in 0..<4 { group.addTask { _ = try? await store.set("\(number)", "v") } }
            }
            if isClosed { await store.close() }
        }
    }

    @Test("a read-only store sees no expired entries, purged or not")
    func readOnlyExpiry() async throws {
        let writable = try Setting.inFile.open()
        try await writable.set("k", "v", expiring: .after(.seconds(50)))
        let store = try writable.reopened { $0.access = .readOnly }
        #expect(try await store.get("k") == "v")
        store.clock.advance(by: .seconds(50))
        #expect(try await store.get("k") == nil)
    }
}
