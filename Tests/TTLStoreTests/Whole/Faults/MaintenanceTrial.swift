import Foundation
import TTLTestSupport
import Testing

@testable import TTLStore

/// A backup, a check or a vacuum of a small store while calls to the system fail.
struct MaintenanceTrial {
    private let operation: MaintenanceOperation
    private let small: SmallStore
    private let before: StoreState

    init(_ operation: MaintenanceOperation, _ small: SmallStore) async throws {
        self.operation = operation
        self.small = small
        let store = try await small.open()
        before = try StoreState(store, since: small.revisions)
        await store.close()
    }

    /// - Returns: how many calls have failed.
    func meet(_ fault: Fault) async throws -> Int {
        let store = try await small.open()
        let folder = try #require(store.folder)
        fault.begin()
        let error = await failure(store, destination: folder("copy.db"))
        if fault.lastsUntilClosed { await store.close() }
        let failures = Fault.end()
        let comment = Comment("\(operation), \(fault): \(error?.description ?? "no error")")
        if failures == 0 { #expect(error == nil, comment) }
        let isCopied = error == nil && operation.kind == .backup
        do {
            let names = try FolderContents.names(folder).filter { !$0.hasPrefix("store.db") }
            #expect(names == (isCopied ? ["copy.db"] : []), comment)
            if !fault.lastsUntilClosed { try await expectUsable(store, comment) }
            #expect(store.descriptors == 0, comment)
            try await expectKept(store, comment)
            if isCopied {
                try FileManager.default.moveItem(atPath: folder("copy.db"), toPath: small.removed().path)
                try await expectKept(store, comment)
            }
        } catch { Issue.record(error, comment) }
        return failures
    }

    private func failure(_ store: StoreUnderTest, destination: String) async -> TTLStoreError? {
        do {
            try await operation.run(store.store, destination: destination)
            return nil
        } catch let error as TTLStoreError {
            return error
        } catch {
            Issue.record("\(operation): \(error) is no TTLStoreError")
            return nil
        }
    }

    /// The store, without being opened again.
    private func expectUsable(_ store: StoreUnderTest, _ comment: Comment) async throws {
        #expect(try StoreState(store, since: small.revisions) == before, comment)
        #expect(try await store.set("probe", "value") == .stored, comment)
        #expect(try await store.get("probe") == "value", comment)
        #expect(try await store.remove("probe"), comment)
        await store.close()
    }

    /// The file: the store's own, or the copy in its place.
    private func expectKept(_ store: StoreUnderTest, _ comment: Comment) async throws {
        let reopened = try store.reopened()
        #expect(try StoreState(reopened, since: small.revisions) == before, comment)
        #expect(try reopened.integrity() == "ok", comment)
        await reopened.close()
    }
}
