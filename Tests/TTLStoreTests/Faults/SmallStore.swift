import Foundation
import TTLTestSupport
import Testing

@testable import TTLStore

/// A small store in a file, which each trial gets anew: nothing of it is in a cache, and some of it is in the log.
struct SmallStore {
    /// The key that operations are tried on. Its value fills pages of its own.
    static let key = "key"

    let form: Setting.Form
    private let closed: StoreUnderTest
    private let bytes: Data

    init(_ form: Setting.Form) async throws {
        self.form = form
        // A lock that can't be had because of a fault looks like one that another process has.
        let store = try Setting(form: form, place: .file).open { $0.busyTimeout = .milliseconds(5) }
        try await store.set("gone", "old", expiring: .after(.seconds(1)))
        try await store.set(SmallStore.key, String(repeating: "old", count: 4000), expiring: .after(.seconds(60)))
        try await store.set("other", "old")
        store.clock.advance(by: .seconds(1))
        await store.close()
        closed = store
        bytes = try Data(contentsOf: URL(fileURLWithPath: store.path))
    }

    func open(_ adjust: (inout TTLStore.Configuration) -> Void = { _ in }) async throws -> StoreUnderTest {
        let store = try renewed().reopened(adjust)
        try await store.set("other", "new")
        return store
    }

    /// The closed store, with its file as it was at first.
    func renewed() throws -> StoreUnderTest {
        let store = try removed()
        try bytes.write(to: URL(fileURLWithPath: store.path))
        return store
    }

    /// The closed store, without a file.
    func removed() throws -> StoreUnderTest {
        for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: closed.path + suffix) }
        return closed
    }
}

/// What is in a store, without the numbers that begin at random.
struct StoreState: Equatable {
    private var rows: [[String]] = []

    init(_ store: StoreUnderTest) throws {
        let contents = try store.contents()
        for entry in contents.live + contents.expired {
            let times = [entry.expiresAt, entry.createdAt, entry.updatedAt].map { "\($0?.timeIntervalSince1970 ?? 0)" }
            rows.append([entry.key, entry.value.kind, String(decoding: entry.value.rawBytes, as: UTF8.self)] + times)
        }
    }
}

extension StoreUnderTest {
    /// What SQLite finds wrong with the file; "ok" if nothing.
    func integrity() throws -> String? {
        try store.engine.write("check") { try $0.connection.text("PRAGMA integrity_check") }
    }

    /// Files of the store that this process has open.
    var descriptors: Int { folder.map { Census.descriptors(below: $0.path) } ?? 0 }
}
