import Synchronization

/// Whether the names of a store's three files still lead to its open files: the database, its log (`-wal`) and the
/// log's index (`-shm`).
///
/// SQLite finds log and index by name. Where a name is gone, the next program that opens the database makes a new file:
/// two logs for one database, of which one is lost.
///
/// Callable from any thread. A look costs one `stat`, of the folder: whatever creates, renames or removes a name in it
/// changes the folder's own time of change. The three names are looked at as well once a second, and whenever that time
/// has moved or is so recent that another change could have the same time.
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

    /// Whether the log still has its name when a store closes.
    enum Standing {
        case intact
        /// The database has its name, the log has none, and no other log was written to.
        case nameless
        case changed
    }

    /// How long a later change may get the same time of change, in nanoseconds: the clock of file systems ticks every
    /// 10 ms or faster. A file system that keeps whole seconds, or every other one as FAT does, shows no fraction of a
    /// second.
    private static let tick: Int64 = 50_000_000
    private static let coarseTick: Int64 = 2_500_000_000
    /// How long an unchanged folder is trusted: a second, for file systems that don't keep that time.
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
    private var mayTakeAway = false
    private var names: LogNames?
    private var isMember = false
    /// Whether the last look has found log or index gone.
    private let hasFoundLogLost = Atomic<Bool>(false)
    /// The state of the folder when all names were right.
    private var believed: FileSystem.FolderState?
    private var believedUntil = MonotonicTime(nanoseconds: 0)

    init(path: String, place: FilePlace, database: FileIdentity) {
        self.place = place
        named = FilePlace(path)
        self.database = database
        folder = FileSystem.folder(of: path)
    }

    deinit { if isMember { OpenLogs.leave(database) } }

    /// - Throws: `forked` where a store had the file open when this process was forked. SQLite treats a connection of
    ///   the child as one more of the parent's, and takes no locks for it.
    func checkFork() throws(TTLStoreError) {
        if OpenLogs.areInherited(of: database) { throw ForkGuard.error("open") }
    }

    /// Called before anything is read: SQLite would read the log at the path with the index of the other store.
    /// - Throws: `logElsewhere` where another store of this process has another log or index.
    func checkOthers() throws(TTLStoreError) {
        while let others = OpenLogs.names(of: database) {
            guard isReplaced(.log, others.log, at: place) || isReplaced(.index, others.index, at: place) else {
                return
            }
            // A closing store leaves its log here before it removes the file.
            if OpenLogs.names(of: database) == others { throw LogProbe.logElsewhere }
        }
    }

    /// What SQLite is about to open by its name; nil where not both lie there.
    /// - Parameter hasTurn: whether no other store opens the file before `confirm()`.
    func expect(_ found: LogNames?, hasTurn: Bool = false) {
        lock.withLock { (expected, mayTakeAway, names) = (found, hasTurn, nil) }
    }

    /// After the first read, by which SQLite has opened log and index.
    /// - Throws: as `checkExpected()`.
    func confirm() throws(TTLStoreError) {
        try checkExpected()
        lock.withLock {
            mayTakeAway = false
            // In the turn, and where nobody else had the file open, they are the ones that SQLite has made.
            expected = expected ?? LogProbe.namesBeside(place)
        }
    }

    /// Where log or index was deleted before SQLite opened it, SQLite has made a new one, beside which others go on
    /// with the old one. In its turn this store takes away what it has made by mistake, to which nothing was written.
    /// Where it was deleted afterwards, this may be the last connection that has it; `standing()` then says so.
    /// - Throws: `fileReplaced`.
    func checkExpected() throws(TTLStoreError) {
        guard let expected = lock.withLock({ expected }) else { return }
        let isLogReplaced = isReplaced(.log, expected.log, at: place)
        let isIndexReplaced = isReplaced(.index, expected.index, at: place)
        guard isLogReplaced || isIndexReplaced else { return }
        let mayTakeAway = lock.withLock {
            names = expected
            return self.mayTakeAway
        }
        // A log that holds something is another program's, and so is its index.
        if mayTakeAway, !isLogReplaced || place.size(Change.Part.log.rawValue) == 0 {
            if isIndexReplaced { place.remove(Change.Part.index.rawValue) }
            if isLogReplaced { place.remove(Change.Part.log.rawValue) }
        }
        throw Change(part: isLogReplaced ? .log : .index).error(in: "open")
    }

    /// Remembers which log and index SQLite has opened, after the first read through a connection that stays open.
    /// - Parameter needsLog: for a store that writes, which has both.
    /// - Throws: `fileReplaced` where one of them is gone already, `logElsewhere` where another store of this process
    ///   has other ones.
    func record(needsLog: Bool) throws(TTLStoreError) {
        try checkExpected()
        // Not looked up anew: another program may have made other ones since.
        let found = lock.withLock { expected } ?? LogNames(log: identity(.log), index: identity(.index))
        expect(nil)
        if needsLog {
            if found.log == nil { throw Change(part: .log).error(in: "open") }
            if found.index == nil { throw Change(part: .index).error(in: "open") }
        }
        // All connections of a process to one file share SQLite's mapping of the index, even if another file has its
        // name now.
        guard OpenLogs.join(database, found) else { throw LogProbe.logElsewhere }
        lock.withLock {
            names = found
            isMember = true
        }
    }

    /// Leaves the log. Called before the store's last connection closes: from then on an opener may make a new log.
    func leave() {
        let wasMember = lock.withLock {
            defer { isMember = false }
            return isMember
        }
        if wasMember { OpenLogs.leave(database) }
    }

    /// The first name found that leads elsewhere or nowhere; nil if none does.
    ///
    /// A path that can't be looked at counts as unchanged: SQLite's descriptors work as before, and a server may give
    /// up its privileges after opening.
    func change() -> Change? {
        lock.withLock {
            // Read before the names, so that a change in between moves the time on.
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

    /// The identity of the index when it was opened; nil before that, and where there was none.
    var indexIdentity: FileIdentity? { lock.withLock { names?.index } }

    /// Whether the last look has found log or index gone. One atomic load.
    var isLogLost: Bool { hasFoundLogLost.load(ordering: .relaxed) }

    /// As `change()`, by the names themselves, where SQLite looks for them.
    func standing() -> Standing {
        lock.withLock {
            guard let change = firstChange(at: place) else { return .intact }
            if change.part == .database { return .changed }
            if place.kind(Change.Part.log.rawValue) == .missing {
                // Otherwise there was another log, and its name is gone as well.
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

    /// Whether a change from now on gets another time than this. True also for a time in the future.
    static func isPast(_ time: Int64, now: Int64 = FileSystem.clock) -> Bool {
        let distance = now.subtractingReportingOverflow(time)
        guard !distance.overflow else { return true }
        return distance.partialValue.magnitude > (time % 1_000_000_000 == 0 ? coarseTick : tick)
    }
}

/// The files that are the log and the index of a database; nil where there is none.
struct LogNames: Equatable {
    var log: FileIdentity?
    var index: FileIdentity?
}

/// The logs of the databases that stores of this process have open.
private enum OpenLogs {
    private struct Entry {
        var names: LogNames
        var stores: Int
        /// The generation of the process in which they were opened.
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
            // A store that only reads may have found no log, before another store began to write.
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
