import TTLTestSupport
import Testing

@testable import TTLStore

/// A store whose expirer purges, and copies the log, while calls to the system fail.
struct ExpirerTrial {
    private let small: SmallStore
    private let before: StoreState

    init(_ extent: Fault.Extent, _ call: Fault.Call) async throws {
        small = try await SmallStore(extent, call) {
            $0.purging = .automatic
            $0.maximumLogSize = 1 << 20
        }
        let store = try await small.open { $0.purging = .manual }
        before = try StoreState(store, since: small.revisions)
        await store.close()
    }

    /// - Returns: how many calls have failed.
    func meet(_ fault: Fault) async throws -> Int {
        let store = try await small.open()
        let activity = store.store.engine.activity
        fault.begin()
        let error = await lengthenLog(store)
        #expect(eventually { activity.hasFailed || (activity.hasPurged && (error != nil || activity.hasCopied)) })
        if fault.lastsUntilClosed { await store.close() }
        let failures = Fault.end()
        let failure = activity.snapshot.lastError
        let comment = Comment("\(fault): \(error?.description ?? "no error"), \(failure?.description ?? "no failure")")
        if failures == 0 { #expect(error == nil && failure == nil, comment) }
        do {
            if !fault.lastsUntilClosed {
                #expect(eventually { activity.hasPurged }, comment)
                #expect(try await store.set("other", "new") == .stored, comment)
                await store.close()
            }
            #expect(store.descriptors == 0, comment)
            #expect(eventually { Census.threads(named: Expirer.threadName) == 0 }, comment)
            try await expectKept(store, comment)
        } catch { Issue.record(error, comment) }
        return failures
    }

    /// Makes the log so long that the expirer copies it, by writing one value again and again.
    private func lengthenLog(_ store: StoreUnderTest) async -> TTLStoreError? {
        let text = Value.text(String(repeating: "new", count: 4000))
        do {
            for _ in 0..<30 { try await store.set("other", text) }
            return nil
        } catch { return error as? TTLStoreError }
    }

    private func expectKept(_ store: StoreUnderTest, _ comment: Comment) async throws {
        let reopened = try store.reopened { $0.purging = .manual }
        let state = try StoreState(reopened, since: small.revisions)
        #expect(state.live.map(\.key) == before.live.map(\.key), comment)
        #expect(state.live.first == before.live.first && state.leases == before.leases, comment)
        #expect(try reopened.integrity() == "ok", comment)
        await reopened.close()
    }
}

extension ActivityCounters {
    fileprivate var hasFailed: Bool { snapshot.lastError != nil }
    fileprivate var hasPurged: Bool { snapshot.purgedEntries > 0 }
    fileprivate var hasCopied: Bool { snapshot.checkpoints > 0 }
}
