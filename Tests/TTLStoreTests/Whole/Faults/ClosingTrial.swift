import TTLTestSupport
import Testing

@testable import TTLStore

/// A store that is closed while system calls fail: its acknowledged writes are there when it is opened again.
struct ClosingTrial {
    private let small: SmallStore
    private let before: StoreState

    init(_ small: SmallStore) async throws {
        self.small = small
        let store = try await small.open { $0.purging = .manual }
        before = try StoreState(store, since: small.revisions)
        await store.close()
    }

    /// - Returns: how many calls have failed.
    func meet(_ fault: Fault) async throws -> Int {
        let store = try await small.open()
        fault.begin()
        await store.close()
        let failures = Fault.end()
        let comment: Comment = "\(store.store.configuration.purging), \(fault)"
        #expect(store.descriptors == 0, comment)
        #expect(eventually { Census.threads(named: Expirer.threadName) == 0 }, comment)
        do {
            let reopened = try store.reopened { $0.purging = .manual }
            let state = try StoreState(reopened, since: small.revisions)
            #expect(state.live == before.live && state.leases == before.leases, comment)
            // If the store has a thread to purge, closing purges as well.
            let isPurged = state.expired.isEmpty && store.store.configuration.purging == .automatic
            #expect(isPurged || state.expired == before.expired, comment)
            if failures == 0 { #expect(isPurged == (store.store.configuration.purging == .automatic), comment) }
            #expect(try reopened.integrity() == "ok", comment)
            await reopened.close()
        } catch { Issue.record(error, comment) }
        return failures
    }
}
