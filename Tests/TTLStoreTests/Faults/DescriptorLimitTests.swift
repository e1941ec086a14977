#if compiler(>=6.3)
    import Foundation
    import TTLTestSupport
    import Testing

    @testable import TTLStore

    @Suite("When the process has few descriptors left", .enabled(if: Census.isAvailable))
    struct DescriptorLimitTests {
        @Test("opening fails and leaves nothing open, until it succeeds; reads and writes say what they lack")
        func fewLeft() async {
            await #expect(processExitsWith: .success) {
                let folder = try TemporaryFolder()
                let opened = try (0..<14).count { spare in try opens(folder, spare: spare) }
                #expect((1..<14).contains(opened), "\(opened) of 14")
            }
        }
    }

    /// - Returns: whether the store could be opened.
    private func opens(_ folder: TemporaryFolder, spare: Int) throws -> Bool {
        let comment: Comment = "\(spare) descriptors to spare"
        let usual = try #require(DescriptorLimit.soft)
        try #require(DescriptorLimit.leave(spare))
        let opened = Result { () throws(TTLStoreError) in try TTLStore(path: folder("store.db")) }
        switch opened {
        case .success(let store):
            do throws(TTLStoreError) {
                try store.set("k", "v")
                _ = try store.get("k") as String?
            } catch { #expect(error.code == .cannotOpen && !error.isOutcomeUnknown, comment) }
            try #require(DescriptorLimit.set(usual))
            #expect(try store.set("k", "v") == .stored, comment)
            #expect(try store.get("k") == "v", comment)
            store.close()
        case .failure(let error):
            try #require(DescriptorLimit.set(usual))
            #expect(error.code == .cannotOpen, comment)
        }
        #expect(Census.descriptors(below: folder.path) == 0, comment)
        #expect(eventually { Census.threads(named: Expirer.threadName) == 0 }, comment)
        let store = try TTLStore(path: folder("store.db"))
        #expect(try store.set("other", "v") == .stored, comment)
        store.close()
        return (try? opened.get()) != nil
    }

    private enum DescriptorLimit {
        static var soft: rlim_t? {
            var limit = rlimit()
            return getrlimit(resource, &limit) == 0 ? limit.rlim_cur : nil
        }

        static func set(_ soft: rlim_t) -> Bool {
            var limit = rlimit()
            guard getrlimit(resource, &limit) == 0 else { return false }
            limit.rlim_cur = soft
            return setrlimit(resource, &limit) == 0
        }

        /// Allows that many more than are open, whose numbers may have gaps.
        static func leave(_ spare: Int) -> Bool {
            var (number, free) = (Int32(0), 0)
            while free < spare || fcntl(number, F_GETFD) >= 0 {
                if fcntl(number, F_GETFD) < 0 { free += 1 }
                number += 1
            }
            return set(rlim_t(number))
        }

        #if canImport(Darwin)
            private static let resource = RLIMIT_NOFILE
        #else
            private static let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        #endif
    }
#endif
