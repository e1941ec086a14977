#if compiler(>=6.3)
import Foundation
import TTLTestSupport
import Testing

@testable import TTLStore

@Suite("A disk that fails to keep a commit", .enabled(if: Census.isAvailable)) struct SyncFaultTests {
    @Test(
        "a commit that the disk fails to keep has an unknown outcome, and acknowledged writes are kept",
        arguments: [false, true])
    func commit(isUsedAfterwards: Bool) async throws {
        let folder = try TemporaryFolder()
        await #expect(processExitsWith: .success) { [path = folder("store.db") as String, isUsedAfterwards] in
            try #require(Fault.install())
            var configuration = TTLStore.Configuration()
            configuration.durability = .full
            configuration.purging = .manual
            let store = try TTLStore(path: path, configuration: configuration)
            try store.set("kept", "before")
            Fault(call: .sync, extent: .lasting, first: 1).begin()
            for key in ["doubtful", "kept"] {
                let error = expectFailure(.ioError) { try store.set(key, "after") }
                #expect(error?.isOutcomeUnknown == true)
            }
            #expect(Fault.end() == 2)
            if isUsedAfterwards {
                #expect(try store.set("later", "value") == .stored)
                #expect(try store.get("later") == "value")
            }
            // The process ends as if it were killed.
            _ = Unmanaged.passRetained(store)
        }
        try expectKept(folder("store.db"), later: isUsedAfterwards ? "value" : nil)
    }

    private func expectKept(_ path: String, later: String?) throws {
        let store = try TTLStore(path: path)
        let kept: String? = try store.get("kept")
        #expect(kept == "before" || kept == "after")
        let doubtful: String? = try store.get("doubtful")
        #expect(doubtful == nil || doubtful == "after")
        #expect(try store.get("later") == later)
        store.close()
        try expectIntact(path)
    }

    @Test("a commit does not wait for the disk by default")
    func relaxed() async {
        await #expect(processExitsWith: .success) {
            try #require(Fault.install())
            let store = try Setting.inFile.open()
            Fault(call: .sync, extent: .lasting, first: 1).begin()
            #expect(try await store.set("k", "v") == .stored)
            #expect(Fault.end() == 0)
            await store.close()
        }
    }
}
#endif
