import Foundation
import TTLStore
import TTLTestSupport
import Testing

/// How a test reaches a store: in which form it calls the operations, and where the entries are.
struct Setting: Sendable, CustomTestStringConvertible {
    enum Form: CaseIterable { case synchronous, suspending }

    enum Place: CaseIterable { case memory, file }

    var form: Form
    var place: Place

    /// Both forms on a store in memory and in a file: reads work differently in each.
    static let all = Form.allCases.flatMap { form in Place.allCases.map { Setting(form: form, place: $0) } }

    static let inMemory = Setting(form: .synchronous, place: .memory)
    static let inFile = Setting(form: .synchronous, place: .file)

    var testDescription: String { "\(form), in \(place)" }

    /// A new store with a manual clock and no thread, unless `adjust` says otherwise.
    func open(_ adjust: (inout TTLStore.Configuration) -> Void = { _ in }) throws -> StoreUnderTest {
        let clock = ManualClock()
        var configuration = TTLStore.Configuration()
        configuration.clock = clock.wallClock
        configuration.purging = .manual
        adjust(&configuration)
        return try StoreUnderTest(form, place, clock, configuration)
    }
}

extension ManualClock {
    /// The clock's time some milliseconds from now, made the way the library makes dates: equal down to the last bit.
    func date(after milliseconds: Int64 = 0) -> Date { Date(timeIntervalSince1970: Double(now + milliseconds) / 1000) }
}

/// A store whose operations are called in one of their two forms, so that a test is written once for both.
final class StoreUnderTest: Sendable {
    let store: TTLStore
    let clock: ManualClock
    let folder: TemporaryFolder?
    private let form: Setting.Form

    fileprivate init(
        _ form: Setting.Form, _ place: Setting.Place, _ clock: ManualClock, _ configuration: TTLStore.Configuration
    ) throws {
        self.form = form
        self.clock = clock
        switch place {
        case .memory:
            folder = nil
            store = try TTLStore.inMemory(configuration: configuration)
        case .file:
            let folder = try TemporaryFolder()
            self.folder = folder
            store = try TTLStore(path: folder("store.db"), configuration: configuration)
        }
    }

    private init(_ form: Setting.Form, _ clock: ManualClock, _ folder: TemporaryFolder?, _ store: TTLStore) {
        self.form = form
        self.clock = clock
        self.folder = folder
        self.store = store
    }

    /// Of a store in a file.
    var path: String { get throws { try #require(folder).path + "/store.db" } }

    /// Closes the store and opens its file again, in a store with the same clock and settings.
    func reopened(_ adjust: (inout TTLStore.Configuration) -> Void = { _ in }) throws -> StoreUnderTest {
        store.close()
        var configuration = store.configuration
        adjust(&configuration)
        return StoreUnderTest(form, clock, folder, try TTLStore(path: path, configuration: configuration))
    }

    /// Inside a closure that does not suspend, the compiler picks the synchronous form.
    func call<Result: Sendable>(
        _ synchronous: () throws -> Result, _ suspending: () async throws -> Result
    ) async throws -> Result {
        switch form {
        case .synchronous: try synchronous()
        case .suspending: try await suspending()
        }
    }

    // MARK: Operations

    /// - Parameter condition: nil for the form without one.
    @discardableResult
    func set(
        _ key: String, _ value: some Encodable & Sendable, expiring expiry: TTLStore.Expiry = .default,
        tag: String? = nil, when condition: TTLStore.SetCondition? = nil
    ) async throws -> TTLStore.SetOutcome {
        guard let condition else {
            return try await call(
                { try store.set(key, value, expiring: expiry, tag: tag) },
                { try await store.set(key, value, expiring: expiry, tag: tag) })
        }
        return try await call(
            { try store.set(key, value, expiring: expiry, tag: tag, when: condition) },
            { try await store.set(key, value, expiring: expiry, tag: tag, when: condition) })
    }

    @discardableResult
    func set(
        _ key: String, _ text: String, expiring expiry: TTLStore.Expiry = .default, tag: String? = nil
    ) async throws -> TTLStore.SetOutcome {
        try await call(
            { try store.set(key, text, expiring: expiry, tag: tag) },
            { try await store.set(key, text, expiring: expiry, tag: tag) })
    }

    func get(_ key: String) async throws -> String? {
        try await call({ try store.get(key) }, { try await store.get(key) })
    }

    func get<Decoded: Decodable & Sendable>(_ key: String, as type: Decoded.Type) async throws -> Decoded? {
        try await call({ try store.get(key, as: type) }, { try await store.get(key, as: type) })
    }

    func entry(_ key: String) async throws -> TTLStore.Entry? {
        try await call({ try store.entry(key) }, { try await store.entry(key) })
    }

    func contains(_ key: String) async throws -> Bool {
        try await call({ try store.contains(key) }, { try await store.contains(key) })
    }

    @discardableResult
    func remove(_ key: String) async throws -> Bool {
        try await call({ try store.remove(key) }, { try await store.remove(key) })
    }

    func remove(_ key: String, when condition: TTLStore.RemoveCondition) async throws -> Bool {
        try await call({ try store.remove(key, when: condition) }, { try await store.remove(key, when: condition) })
    }

    @discardableResult
    func removeAll(_ selection: TTLStore.Selection) async throws -> Int {
        try await call({ try store.removeAll(selection) }, { try await store.removeAll(selection) })
    }

    @discardableResult
    func touch(_ key: String, expiring expiry: TTLStore.Expiry) async throws -> TTLStore.TouchOutcome {
        try await call(
            { try store.touch(key, expiring: expiry) }, { try await store.touch(key, expiring: expiry) })
    }

    @discardableResult
    func touchAll(_ selection: TTLStore.Selection, expiring expiry: TTLStore.Expiry) async throws -> Int {
        try await call(
            { try store.touchAll(selection, expiring: expiry) },
            { try await store.touchAll(selection, expiring: expiry) })
    }

    @discardableResult
    func rename(_ key: String, to newKey: String) async throws -> TTLStore.RenameOutcome {
        try await call({ try store.rename(key, to: newKey) }, { try await store.rename(key, to: newKey) })
    }

    func rename(
        _ key: String, to newKey: String, when condition: TTLStore.RenameCondition
    ) async throws -> TTLStore.RenameOutcome {
        try await call(
            { try store.rename(key, to: newKey, when: condition) },
            { try await store.rename(key, to: newKey, when: condition) })
    }

    func touch(
        _ key: String, expiring expiry: TTLStore.Expiry, when condition: TTLStore.TouchCondition
    ) async throws -> TTLStore.TouchOutcome {
        try await call(
            { try store.touch(key, expiring: expiry, when: condition) },
            { try await store.touch(key, expiring: expiry, when: condition) })
    }

    @discardableResult
    func persist(_ key: String) async throws -> TTLStore.PersistOutcome {
        try await call({ try store.persist(key) }, { try await store.persist(key) })
    }

    func keys(
        _ selection: TTLStore.Selection = .all, limit: Int = 1000, after cursor: TTLStore.Cursor? = nil
    ) async throws -> TTLStore.Page<String> {
        try await call(
            { try store.keys(selection, limit: limit, after: cursor) },
            { try await store.keys(selection, limit: limit, after: cursor) })
    }

    func entries(
        _ selection: TTLStore.Selection = .all, limit: Int = 1000, after cursor: TTLStore.Cursor? = nil
    ) async throws -> TTLStore.Page<TTLStore.Entry> {
        try await call(
            { try store.entries(selection, limit: limit, after: cursor) },
            { try await store.entries(selection, limit: limit, after: cursor) })
    }

    func count(_ selection: TTLStore.Selection = .all) async throws -> Int {
        try await call({ try store.count(selection) }, { try await store.count(selection) })
    }

    func expiringNext(
        _ selection: TTLStore.Selection = .all, limit: Int = 100
    ) async throws -> [TTLStore.ExpiringEntry] {
        try await call(
            { try store.expiringNext(selection, limit: limit) },
            { try await store.expiringNext(selection, limit: limit) })
    }

    func salvage(
        _ selection: TTLStore.Selection = .all, limit: Int = 1000, after row: Int64? = nil
    ) async throws -> TTLStore.SalvagedPage {
        try await call(
            { try store.salvage(selection, limit: limit, after: row) },
            { try await store.salvage(selection, limit: limit, after: row) })
    }

    func tags(prefix: String = "", limit: Int = 1000) async throws -> [String] {
        try await call(
            { try store.tags(prefix: prefix, limit: limit) }, { try await store.tags(prefix: prefix, limit: limit) })
    }

    @discardableResult
    func purgeExpired() async throws -> Int {
        try await call({ try store.purgeExpired() }, { try await store.purgeExpired() })
    }

    func statistics() async throws -> TTLStore.Statistics {
        try await call({ try store.statistics() }, { try await store.statistics() })
    }

    func distribution() async throws -> TTLStore.Distribution {
        try await call({ try store.distribution() }, { try await store.distribution() })
    }

    func close() async {
        switch form {
        case .synchronous: closeBlocking()
        case .suspending: await store.close()
        }
    }

    private func closeBlocking() { store.close() }

    // MARK: What is there

    /// All entries, live and expired: equal before and after an operation that changes nothing.
    struct Contents: Equatable {
        var live: [TTLStore.Entry]
        var expired: [TTLStore.Entry]
    }

    func contents() throws -> Contents {
        Contents(live: try store.entries().elements, expired: try store.expiredEntries().elements)
    }
}
