#if !canImport(Darwin)
    import Foundation
    import TTLTestSupport
    import Testing

    @testable import TTLStore

    @Suite("The blocking work of tasks") struct TaskThreadTests {
        /// On Linux the threads of Dispatch's global queues are those on which tasks run.
        @Test("runs on queues of the store's own, none of them a global one")
        func queues() async throws {
            let labels = Collected<String>()
            let folder = try TemporaryFolder()
            var configuration = TTLStore.Configuration()
            configuration.purging = .manual
            // The clock is read where an operation runs.
            configuration.clock = WallClock {
                labels.append(TaskThreadTests.queueLabel)
                return 1_800_000_000_000
            }
            let store = try await TTLStore(path: folder("store.db"), configuration: configuration)
            let opened = labels.all.count
            try await store.set("k", "v")
            let written = labels.all.count
            #expect(try await store.get("k") == "v")
            let read = labels.all.count
            _ = try await store.transaction { try $0.remove("k") }
            let all = labels.all
            #expect(Set(all[opened..<written]) == ["TTLStore.commits"])
            #expect(Set(all[written..<read]) == ["TTLStore.reads"])
            #expect(Set(all[read...]) == ["TTLStore.commits"])
            await store.close()
        }

        /// Of the queue that the caller runs on. Swift hides the function; it is looked up by name.
        private static var queueLabel: String {
            typealias Label = @convention(c) (OpaquePointer?) -> UnsafePointer<CChar>?
            return dlsym(nil, "dispatch_queue_get_label")
                .flatMap { unsafeBitCast($0, to: Label.self)(nil) }.map { String(cString: $0) } ?? "none"
        }
    }
#endif
