#if compiler(>=6.3)
import Foundation
import TTLTestSupport
import Testing

@testable import TTLStore

@Suite("When the process has few descriptors left", .enabled(if: Census.isAvailable))
struct DescriptorLimitTests {
    @Test("with few descriptors opening succeeds or leaves nothing open, and reads and writes say what they lack")
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
#endif
