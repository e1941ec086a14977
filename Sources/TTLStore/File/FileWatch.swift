import Synchronization

/// Whether the names of a store's three files still lead to the files that it has open: the database, its log (`-wal`)
/// and the log's index (`-shm`).
///
/// SQLite finds log and index by name. Where a name is gone, the next program that opens the database makes new ones:
/// two logs for one file, of which one is lost.
///
/// Callable from any thread. A look costs one `stat`, of the folder: whatever creates, renames or removes a name in it
/// changes the folder's own time of change. Where that time has moved, or is so recent that another change could bear
/// the same one, and once a second, the three names are looked at, too.
final class FileWatch: @unchecked Sendable {
    // Sendable: the lock guards the mutable properties.

    /// A name that leads elsewhere, or nowhere.
    struct Change: Equatable {
        enum Part: String, CaseIterable {
            case database = ""
            case log = "-wal"
            case index = "-shm"
        }

        let part: Part

        func error(in operation: String) -> TTLStoreError {
            TTLStoreError(.fileReplaced, message, in: operation)
        }

        private var message: String {
            switch part {
            case .database: "the file was removed, renamed or replaced while it was open"
            case .log: "the log (-wal) of the file was removed, renamed or replaced while the store was open"
            case .index:
                "the shared memory (-shm) of the file was removed, renamed or replaced while the store was open"
            }
        }
    }

    /// What the names say of the log when a store closes.
    enum Standing {
        case intact
        /// The database has its name, but the log has none, and nobody has written to another one.
        case nameless
        case changed
    }

    /// For how long a time of change may come again, in nanoseconds: the clock of file systems ticks each 10 ms or
    /// faster. One that keeps whole seconds, of which FAT keeps every other, has no fraction of them.
    private static let tick: Int64 = 50_000_000
    private static let coarseTick: Int64 = 2_500_000_000
    /// How long an unchanged folder is believed, for file systems that don't keep that time: a second.
    private static let belief: Milliseconds = 1000

    /// Where SQLite looks for the three names.
    private let place: FilePlace
    /// Where the program looks for them.
    private let named: FilePlace
    private let folder: String
    private let database: FileIdentity
    private let lock = Lock()
    /// What lay there before SQLite opened it; nil where nothing did.
    private var expected: LogNames?
    private var names: LogNames?
    private var isMember = false
    /// What the last look has found of log and index.
    private let hasFoundLogLost = Atomic<Bool>(false)
    /// The folder in which all was well, and until when that is believed.
    private var believed: FileSystem.FolderState?
    private var believedUntil = MonotonicTime(nanoseconds: 0)

    init(path: String, place: FilePlace, database: FileIdentity) {
        self.place = place
        named = FilePlace(path)
        self.database = database
        folder = FileSystem.folder(of: path)
    }

    deinit { if isMember { OpenLogs.leave(database) } }

    /// - Throws: `forked` where a store had the file open when this process was forked. SQLite takes a connection of
    ///   the child's for one more of the parent's, and takes no locks of its own for it.
    func checkFork() throws(TTLStoreError) {
        if OpenLogs.areInherited(of: database) { throw ForkGuard.error("open") }
    }

    /// Before anything is read: SQLite would read the log that has the name by the index that the other store has.
    /// - Throws: `logElsewhere` where another store of this process has another log or index.
    func checkOthers() throws(TTLStoreError) {
        while let others = OpenLogs.names(of: database) {
            guard isReplaced(.log, others.log, at: place) || isReplaced(.index, others.index, at: place) else {
                return
            }
            // A store that closes lets go of its log before it removes it.
            if OpenLogs.names(of: database) == others { throw LogProbe.logElsewhere }
        }
    }

    /// What SQLite is about to open by its name.
    func expect(_ names: LogNames?) { lock.withLock { expected = names } }

    /// After SQLite has opened log and index. Where one was deleted in between it has made a new one, beside which
    /// others go on with the old one: what was made by mistake is taken away, before anything is written to it.
    /// - Throws: `fileReplaced`.
    func checkExpected() throws(TTLStoreError) {
        guard let expected = lock.withLock({ expected }) else { return }
        let isLogReplaced = isReplaced(.log, expected.log, at: place)
        let isIndexReplaced = isReplaced(.index, expected.index, at: place)
        if isIndexReplaced { place.remove(Change.Part.index.rawValue) }
        if isLogReplaced, place.isUntouched(Change.Part.log.rawValue) { place.remove(Change.Part.log.rawValue) }
        if isLogReplaced || isIndexReplaced { throw Change(part: isLogReplaced ? .log : .index).error(in: "open") }
    }

    /// Remembers which log and index SQLite has opened, after the first read through a connection that stays open.
    /// - Parameter needsLog: for a store that writes, which has both.
    /// - Throws: `fileReplaced` where one is gone already, `logElsewhere` where another store of this process has
    ///   others.
    func record(needsLog: Bool) throws(TTLStoreError) {
        try checkExpected()
        expect(nil)
        let found = LogNames(log: identity(.log), index: identity(.index))
        if needsLog {
            if found.log == nil { throw Change(part: .log).error(in: "open") }
            if found.index == nil { throw Change(part: .index).error(in: "open") }
        }
        // All connections of a process to one file share SQLite's mapping of the index, whatever has its name now.
        guard OpenLogs.join(database, found) else { throw LogProbe.logElsewhere }
        lock.withLock {
            names = found
            isMember = true
        }
    }

    /// The store lets go of the log. Before its last connection closes: whoever opens the file then may make new ones.
    func leave() {
        let wasMember = lock.withLock {
            defer { isMember = false }
            return isMember
        }
        if wasMember { OpenLogs.leave(database) }
    }

    /// Nil if all is well, as far as can be seen.
    ///
    /// Where a path can't be looked at, it counts as unchanged: SQLite's descriptors work as before, and a server that
    /// gives up its privileges after opening is in its right.
    func change() -> Change? {
        lock.withLock {
            // Before the names, so that a change in between moves the time on.
            let state = FileSystem.folderState(of: folder)
            let now = MonotonicTime.now
            if let state, state == believed, now < believedUntil { return nil }
            believed = nil
            let change = firstChange(at: named)
            hasFoundLogLost.store(change.map { $0.part != .database } ?? false, ordering: .relaxed)
            if let change { return change }
            guard let state, FileWatch.isPast(state.changedAt) else { return nil }
            believed = state
            believedUntil = now + FileWatch.belief
            return nil
        }
    }

    /// Which file the index was when it was opened; nil before that, and where there was none.
    var indexIdentity: FileIdentity? { lock.withLock { names?.index } }

    /// Whether a look has found log or index gone, and none since has found them again. One atomic load.
    var isLogLost: Bool { hasFoundLogLost.load(ordering: .relaxed) }

    /// As `change()`, by the names themselves, where SQLite looks for them.
    func standing() -> Standing {
        lock.withLock {
            guard let change = firstChange(at: place) else { return .intact }
            if change.part == .database { return .changed }
            if place.kind(Change.Part.log.rawValue) == .missing {
                // Or else there was another log, and its name is gone as well.
                let index = identity(.index)
                return index == nil || index == names?.index ? .nameless : .changed
            }
            return place.isUntouched(Change.Part.log.rawValue) ? .nameless : .changed
        }
    }

    /// The lock is held.
    private func firstChange(at place: FilePlace) -> Change? {
        let opened: [(Change.Part, FileIdentity?)] = [
            (.database, database), (.log, names?.log), (.index, names?.index),
        ]
        return opened.first { isReplaced($0, $1, at: place) }.map { Change(part: $0.0) }
    }

    private func isReplaced(_ part: Change.Part, _ opened: FileIdentity?, at place: FilePlace) -> Bool {
        guard let opened else { return false }
        return place.kind(part.rawValue).isReplacement(of: opened)
    }

    private func identity(_ part: Change.Part) -> FileIdentity? { place.identity(part.rawValue) }

    /// Whether a change from now on bears another time. One that lies in the future does so as well.
    static func isPast(_ time: Int64, now: Int64 = FileSystem.clock) -> Bool {
        let distance = now.subtractingReportingOverflow(time)
        guard !distance.overflow else { return true }
        return distance.partialValue.magnitude > (time % 1_000_000_000 == 0 ? coarseTick : tick)
    }
}

/// Which files are the log and the index of a database, or nil where there is none.
struct LogNames: Equatable {
    var log: FileIdentity?
    var index: FileIdentity?
}

/// The logs of the databases that stores of this process have open.
private enum OpenLogs {
    private struct Entry {
        var names: LogNames
        var stores: Int
        /// Of the process in which they were opened.
        let forkGeneration = ForkGuard.generation()
    }

    private final class Table: @unchecked Sendable {
        // Sendable: the lock guards the entries.
        let lock = Lock()
        var entries: [FileIdentity: Entry] = [:]
    }

    private static let table = Table()

    /// False if another store has another log or index.
    static func join(_ database: FileIdentity, _ found: LogNames) -> Bool {
        table.lock.withLock {
            guard var entry = table.entries[database] else {
                table.entries[database] = Entry(names: found, stores: 1)
                return true
            }
            // A store that only reads may have found none, before another one began to write.
            entry.names.log = entry.names.log ?? found.log
            entry.names.index = entry.names.index ?? found.index
            guard entry.names == found else { return false }
            entry.stores += 1
            table.entries[database] = entry
            return true
        }
    }

    static func names(of database: FileIdentity) -> LogNames? {
        table.lock.withLock { table.entries[database]?.names }
    }

    /// Whether a store had the database open when this process was forked.
    static func areInherited(of database: FileIdentity) -> Bool {
        table.lock.withLock { table.entries[database].map { $0.forkGeneration != ForkGuard.current } ?? false }
    }

    static func leave(_ database: FileIdentity) {
        table.lock.withLock {
            guard var entry = table.entries[database] else { return }
            entry.stores -= 1
            table.entries[database] = entry.stores > 0 ? entry : nil
        }
    }
}
