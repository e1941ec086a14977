#if compiler(>=6.3) && !canImport(Darwin)
import Foundation
import TTLTestSupport
import Testing

@testable import TTLStore

@Suite("A store that was opened before a fork", .enabled(if: Census.isAvailable)) struct ForkTests {
    @Test("a store from before a fork refuses every operation in the child, and goes on in the parent")
    func operations() async {
        await #expect(processExitsWith: .success) {
            let store = try Setting.inFile.open()
            try await store.set("k", "v", expiring: .after(.seconds(60)))
            // Only the thread that forks lives on in the child, and no task: operations must not suspend.
            let before = try store.contents()
            let child = try #require(ForkTests.fork())
            if child == 0 { _exit(await ForkTests.isRefused(store) ? 0 : 1) }
            var status: Int32 = 0
            #expect(waitpid(child, &status, 0) == child)
            #expect(status == 0)
            #expect(try !FolderContents.names(#require(store.folder)).contains("copy.db"))
            #expect(try store.contents() == before)
            for operation in Operation.allCases { try await operation.run(store, "k") }
            try await store.set("after", "v")
            let reopened = try store.reopened()
            #expect(try await reopened.get("after") == "v")
            #expect(try reopened.integrity() == "ok")
            await reopened.close()
        }
    }

    private static func isRefused(_ store: StoreUnderTest) async -> Bool {
        var refusals = 0
        func expectRefusal(_ body: () async throws -> Void) async {
            do { try await body() } catch TTLStoreError.Code.forked { refusals += 1 } catch {}
        }
        for operation in Operation.allCases {
            await expectRefusal { try await operation.run(store, "k") }
        }
        let copy = store.folder?("copy.db") ?? ""
        for kind in MaintenanceOperation.Kind.allCases {
            let operation = MaintenanceOperation(kind: kind, form: .synchronous)
            await expectRefusal { try operation.runBlocking(store.store, destination: copy) }
        }
        await expectRefusal { _ = try store.store.removals() }
        await expectRefusal { _ = try store.store.expiredEntries() }
        await store.close()
        return refusals == Operation.allCases.count + MaintenanceOperation.Kind.allCases.count + 2
    }

    /// Swift hides `fork`; it is looked up by name.
    private static func fork() -> Int32? {
        typealias Fork = @convention(c) () -> Int32
        return dlsym(nil, "fork").map { unsafeBitCast($0, to: Fork.self)() }
    }
}
#endif
