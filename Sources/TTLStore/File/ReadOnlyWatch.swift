internal import CTTLSQLite

/// How a read-only store reads a file in a folder that it can't write, and whether that has to change.
///
/// SQLite shares a file among processes through the `-shm` beside it. As long as a process has the file open for
/// writing there is a `-shm`, and the store reads through it. Where there is none, and none can be made, SQLite can
/// only read the file as one that never changes ("immutable"). A store that was opened so looks now and then for a
/// `-shm`, and checks after each read whether the file has changed.
final class ReadOnlyWatch: @unchecked Sendable {
    // Sendable: the lock guards the mutable properties.
    private enum View: Equatable {
        case shared
        /// Valid as long as the file has this stamp.
        case immutable(FileStamp?)
    }

    /// How long a writer may stay unnoticed.
    static let interval: Milliseconds = 1000

    private let path: String
    private let lock = Lock()
    private var view: View
    private var nextCheck: MonotonicTime
    private var generation = 0

    /// Nil for a store that needs no watch, since it writes or its folder can be written.
    /// - Throws: `readOnlyFolder`.
    init?(_ path: String, _ configuration: TTLStore.Configuration) throws(TTLStoreError) {
        guard configuration.access == .readOnly, !FileSystem.isWritable(FileSystem.folder(of: path)) else { return nil }
        self.path = path
        view = try ReadOnlyWatch.view(of: path, in: "open")
        nextCheck = .now + ReadOnlyWatch.interval
    }

    var isImmutable: Bool { lock.withLock { view != .shared } }

    /// The one rule by which a store chooses how to read the file.
    private static func view(of path: String, in operation: String) throws(TTLStoreError) -> View {
        guard FileSystem.kind(of: path + "-shm") == .missing else { return .shared }
        let stamp = FileStamp(path)
        guard FileSystem.size(of: path + "-wal") == 0 else {
            throw TTLStoreError(
                .readOnlyFolder, "the folder is read-only, and a process that was killed left a log there",
                in: operation)
        }
        return .immutable(stamp)
    }

    /// A number that grows whenever connections have to be opened anew. Finds out, once in an interval, whether the
    /// file is to be read in another way, or is another one.
    func generation(in operation: String) throws(TTLStoreError) -> Int {
        try lock.withLock { () throws(TTLStoreError) in
            // A connection that shares the file sees what is written.
            guard view != .shared, MonotonicTime.now >= nextCheck else { return generation }
            return try check(operation)
        }
    }

    /// Whether what was read since that generation may be of two states, or could not be read because a writer came or
    /// went.
    func hasChanged(since generation: Int, hasFailed: Bool, in operation: String) throws(TTLStoreError) -> Bool {
        try lock.withLock { () throws(TTLStoreError) in
            if case .immutable(let stamp) = view, FileStamp(path) != stamp {
                return try check(operation) != generation
            }
            return try (hasFailed ? check(operation) : self.generation) != generation
        }
    }

    /// Whether a read may have failed because one writer has closed the file and another one has opened it since:
    /// SQLite then missed the `-shm`, and it is there again.
    static func isPassing(_ failure: TTLStoreError) -> Bool {
        failure.sqliteCode.map { [SQLITE_CANTOPEN, SQLITE_READONLY].contains($0 & 0xff) } ?? false
    }

    /// The lock is held.
    private func check(_ operation: String) throws(TTLStoreError) -> Int {
        let found = try ReadOnlyWatch.view(of: path, in: operation)
        nextCheck = .now + ReadOnlyWatch.interval
        if found != view {
            view = found
            generation += 1
        }
        return generation
    }
}
