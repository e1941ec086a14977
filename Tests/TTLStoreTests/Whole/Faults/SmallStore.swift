import Foundation
import TTLTestSupport
import Testing

@testable import TTLStore

/// A small store in a file, which each trial gets anew, with empty caches and a part of it in the log.
struct SmallStore: Sendable {
    /// The value of the key on which operations are tried. Text fills pages of its own.
    enum Subject: CaseIterable { case text, integer, absent, expired }

    static let key = "key"

    let subject: Subject
    /// The revision and the lease that a caller remembers.
    let remembered: Operation.Remembered
    /// By their keys.
    let revisions: [String: TTLStore.Revision]
    private let closed: StoreUnderTest
    private let bytes: Data

    init(
        _ form: Setting.Form, _ subject: Subject = .text,
        _ adjust: (inout TTLStore.Configuration) -> Void = { _ in }
    ) async throws {
        self.subject = subject
        let store = try Setting(form: form, place: .file).open {
            // A lock that fails because of a fault looks like a lock of another process.
            $0.busyTimeout = .milliseconds(5)
        }
        try await SmallStore.fill(store, subject)
        let lease = try #require(try await store.acquireLease("held", for: .seconds(60)))
        let contents = try store.contents()
        revisions = Dictionary(uniqueKeysWithValues: (contents.live + contents.expired).map { ($0.key, $0.revision) })
        let unknown = TTLStore.Revision(number: -1)
        remembered = .init(revision: revisions[SmallStore.key] ?? unknown, lease: lease)
        await store.close()
        bytes = try Data(contentsOf: URL(fileURLWithPath: store.path))
        closed = try store.reopened(adjust)
        await closed.close()
    }

    private static func fill(_ store: StoreUnderTest, _ subject: Subject) async throws {
        let (soon, later) = (Expiry.after(.seconds(1)), Expiry.after(.seconds(60)))
        try await store.set("gone", "old", expiring: soon, tag: Operation.tag)
        try await store.set("other", "old", tag: Operation.tag)
        let text = Value.text(String(repeating: "old", count: 4000))
        switch subject {
        case .text: try await store.set(key, text, expiring: later, tag: Operation.tag)
        case .integer: try await store.set(key, TTLStore.Value.integer(41), expiring: later, tag: Operation.tag)
        case .expired: try await store.set(key, text, expiring: soon, tag: Operation.tag)
        case .absent: break
        }
        store.clock.advance(by: .seconds(1))
    }

    func open(_ adjust: (inout TTLStore.Configuration) -> Void = { _ in }) async throws -> StoreUnderTest {
        let store = try renewed().reopened(adjust)
        try await store.set("other", "new")
        // Operations read the pages of the file again.
        try store.store.engine.write("shrink") { try $0.connection.execute("PRAGMA shrink_memory") }
        return store
    }

    /// The bytes of the file in schema 1.
    func outdated() throws -> Data {
        let path = try renewed().path
        try shell(path, FirstSchema.downgrade)
        return try Data(contentsOf: URL(fileURLWithPath: path))
    }

    /// The closed store, with its file as it was at first, or with these bytes.
    func renewed(_ other: Data? = nil) throws -> StoreUnderTest {
        let store = try removed()
        try (other ?? bytes).write(to: URL(fileURLWithPath: store.path))
        return store
    }

    /// The closed store, without a file.
    func removed() throws -> StoreUnderTest {
        for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: closed.path + suffix) }
        return closed
    }
}

extension SmallStore {
    /// For trials of a fault, one half of which suspends.
    init(
        _ extent: Fault.Extent, _ call: Fault.Call, _ subject: Subject = .text,
        _ adjust: (inout TTLStore.Configuration) -> Void = { _ in }
    ) async throws {
        try await self.init(extent == .once ? .synchronous : .suspending, subject) { configuration in
            // By default a commit does not wait for the disk.
            configuration.durability = call == .sync ? .full : .normal
            adjust(&configuration)
        }
    }
}

/// The state of a store, without the numbers that begin at random.
struct StoreState: Equatable {
    struct Row: Equatable {
        let key: String
        let value: Value
        let tag: String?
        let times: [Date?]
        /// Whether it has another revision than before.
        let isWritten: Bool
    }

    private(set) var live: [Row]
    let expired: [Row]
    /// The leases of callers.
    let leases: String?

    /// - Parameter revisions: the revisions that entries had before.
    init(_ store: StoreUnderTest, since revisions: [String: TTLStore.Revision]) throws {
        func row(_ entry: TTLStore.Entry) -> Row {
            Row(
                key: entry.key, value: entry.value, tag: entry.tag,
                times: [entry.expiresAt, entry.createdAt, entry.updatedAt],
                isWritten: entry.revision != revisions[entry.key])
        }
        let contents = try store.contents()
        live = contents.live.map(row)
        expired = contents.expired.map(row)
        leases = try store.store.engine.read("leases") { reader in
            try reader.connection.text(
                """
                SELECT group_concat(lease) FROM (
                    SELECT kind || ' ' || name || ' ' || expires_at AS lease FROM leases
                    WHERE kind <> 'store' ORDER BY name)
                """)
        }
    }

    /// The same with the live entries of another one that it lacks.
    func keepingAll(of other: StoreState) -> StoreState {
        var state = self
        state.live += other.live.filter { row in !live.contains { $0.key == row.key } }
        state.live.sort { $0.key < $1.key }
        return state
    }

    func hasEntries(of other: StoreState) -> Bool { live == other.live && expired == other.expired }
}

extension StoreUnderTest {
    /// The damage that SQLite finds in the file; "ok" if none.
    func integrity() throws -> String? {
        try store.engine.write("check") { try $0.connection.text("PRAGMA integrity_check") }
    }

    /// Files of the store that this process has open.
    var descriptors: Int { folder.map { Census.descriptors(below: $0.path) } ?? 0 }
}
