internal import Foundation
public import TTLStore

/// A store for one test: in a folder of its own, with a clock that the test moves.
///
/// ```swift
/// let test = try TemporaryStore()
/// try test.store.set("session", "alice", expiring: .minutes(30))
/// try test.advance(by: .seconds(1800))
/// #expect(try test.store.get("session") == nil)
/// ```
///
/// Nothing sleeps: reads use the clock, and `advance(by:)` deletes expired entries, as the store's thread does in a
/// program. When the object is freed, the store is closed and its folder removed.
public final class TemporaryStore: Sendable {
    /// The store. Hand it to the code under test.
    public let store: TTLStore
    /// The clock of the store.
    public let clock: ManualClock
    /// The path of the file, to open it again or to look into it.
    public let path: String
    private let folder: URL

    /// Makes the folder and opens the store.
    /// - Parameter configuration: its `clock` is replaced, and its `purging` is `.manual`, so that a test decides when
    ///   entries leave the file.
    /// - Throws: the errors of creating the folder and of opening the store.
    public init(configuration: TTLStore.Configuration = TTLStore.Configuration()) throws {
        let clock = ManualClock()
        var configuration = configuration
        configuration.clock = clock.wallClock
        configuration.purging = .manual
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("ttlstore-\(UUID().uuidString)")
        try FileManager.default.createDirectory(
            at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        path = folder.appendingPathComponent("store.db").path
        do { store = try TTLStore(path: path, configuration: configuration) } catch {
            try? FileManager.default.removeItem(at: folder)
            throw error
        }
        self.folder = folder
        self.clock = clock
    }

    deinit {
        store.close()
        try? FileManager.default.removeItem(at: folder)
    }

    /// Moves the clock, and deletes the entries that have expired by then.
    /// - Parameter duration: as for `ManualClock.advance(by:)`.
    /// - Returns: how many entries were deleted.
    /// - Throws: the errors of `purgeExpired`.
    @discardableResult
    public func advance(by duration: Duration) throws -> Int {
        clock.advance(by: duration)
        return try store.purgeExpired()
    }
}
