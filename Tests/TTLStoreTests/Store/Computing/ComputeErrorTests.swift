import TTLTestSupport
import Testing

@testable import TTLStore

@Suite("Get or compute and bad input") struct ComputeErrorTests {
    /// Calls with invalid arguments, for an absent and for a present key, and expects that the closure never runs.
    private func expectRefusal(
        _ code: TTLStoreError.Code, _ store: StoreUnderTest, keys: [String] = ["absent", "present"],
        expiring expiry: Expiry = .never, staleAfter: Duration? = nil, tag: String? = nil,
        options: ComputeOptions = ComputeOptions()
    ) async throws {
        try await store.set("present", "v")
        let (before, runs) = (try store.contents(), Counter())
        for key in keys {
            await expectFailure(code) {
                try await store.getOrCompute(
                    key, expiring: expiry, staleAfter: staleAfter, tag: tag, options: options
                ) {
                    runs.add()
                    return "computed"
                }
            }
        }
        #expect(runs.value == 0)
        #expect(try store.contents() == before)
        #expect(try store.leaseRows() == 0)
    }

    @Test("getOrCompute refuses invalid durations before the closure runs", arguments: Setting.all)
    func absurdTimes(setting: Setting) async throws {
        let store = try setting.open()
        for duration in LeaseErrorTests.absurd {
            try await expectRefusal(.invalidExpiry, store, expiring: .after(duration))
            try await expectRefusal(.invalidExpiry, store, options: ComputeOptions(leaseDuration: duration))
        }
        for duration in LeaseErrorTests.absurd where duration != .milliseconds(Int64.max) {
            try await expectRefusal(.invalidArgument, store, staleAfter: duration)
            guard duration != .zero else { continue }
            try await expectRefusal(.invalidArgument, store, options: ComputeOptions(timeout: duration))
        }
    }

    @Test("getOrCompute refuses invalid keys and tags before the closure runs", arguments: Setting.all)
    func names(setting: Setting) async throws {
        let store = try setting.open()
        for name in ["", String(repeating: "k", count: 1025)] {
            try await expectRefusal(.invalidKey, store, keys: [name])
            try await expectRefusal(.invalidTag, store, tag: name)
        }
    }

    @Test(
        "a closed store computes nothing, and getOrCompute throws if its closure closes the store",
        arguments: Setting.all)
    func closed(setting: Setting) async throws {
        let store = try setting.open()
        let inner = store.store
        await expectFailure(.closed) {
            try await store.getOrCompute("k") {
                inner.close()
                return "v"
            }
        }
        let runs = Counter()
        await expectFailure(.closed) {
            try await store.getOrCompute("k") {
                runs.add()
                return "v"
            }
        }
        #expect(runs.value == 0)
    }
}
