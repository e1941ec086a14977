internal import CTTLSQLite

#if canImport(Darwin)
internal import Darwin
#elseif canImport(Musl)
internal import Musl
#else
internal import Glibc
#endif

/// The process that keeps others from writing, for the message of an error. It is looked for only after a wait for the
/// lock has failed.
enum LockHolder: Equatable {
    /// - Parameter name: of the program, as the system reports it.
    case process(Int32, name: String?, isStopped: Bool)
    case ownProcess
    /// A process whose lease says that it deletes expired entries; it may have ended since.
    case purger(Int32)

    /// The end of the message "another process or connection holds the lock".
    var text: String {
        switch self {
        case .process(let number, let name, let isStopped):
            let program = name.map { " (\(PrintableName.shown($0, limit: 40)))" } ?? ""
            return "it is process \(number)\(program)\(isStopped ? ", which is stopped" : "")"
        case .ownProcess: return "it is in this process"
        case .purger(let number): return "perhaps it is process \(number), which purges"
        }
    }
}

extension TTLStoreError {
    /// Names the holder in an error about a lock; any other error stays as it is.
    func naming(_ holder: LockHolder?) -> TTLStoreError {
        guard code == .busy, let holder else { return self }
        var error = self
        error.message += "; \(holder.text)"
        return error
    }
}

extension StoreFile {
    /// Nil where the holder is not known, and for an error that is not about a lock.
    /// - Parameter connection: a connection without an open transaction, for reading the leases.
    func lockHolder(after error: SQLiteError, _ connection: Connection? = nil) -> LockHolder? {
        guard error.primaryCode == SQLITE_BUSY, !stop.isSet, let path else { return nil }
        return ListedLock.holder(of: path) ?? connection.flatMap(LockHolder.purger)
    }
}

extension LockHolder {
    /// The name of the row by which a process says that it deletes a backlog of expired entries.
    static let purgersClaim = "expirer"

    /// By the claim on a backlog, which is kept until all is done. It may have run out: a process that was stopped
    /// doesn't prolong it.
    static func purger(_ connection: Connection) -> LockHolder? {
        connection.busyPolicy.timeout = 0
        let owner = try? connection.text(
            "SELECT owner FROM leases WHERE kind = 'store' AND name = '\(purgersClaim)'")
        // Any program may have written the text, as in "process 4711, 1a2b3c".
        guard let words = owner?.split(separator: " "), words.first == "process", words.count == 3,
            words[1].hasSuffix(","), let number = Int32(words[1].dropLast()), number > 0,
            number != ProcessNumber.current, kill(number, 0) == 0 || errno == EPERM
        else { return nil }
        return .purger(number)
    }
}

/// A line of Linux's list of file locks, e.g. `1: POSIX  ADVISORY  WRITE 4711 fe:00:5309438 120 120`
/// (https://man7.org/linux/man-pages/man5/proc_locks.5.html).
struct ListedLock: Equatable {
    let process: Int32
    let device: UInt64
    let inode: UInt64
    let first: UInt64
    /// The last byte.
    let last: UInt64

    private static let list = "/proc/locks"
    /// Enough for ten thousand locks.
    private static let limit = 1 << 20
    /// SQLite's lock for writing to the log: a byte of its index (`WAL_WRITE_LOCK` at `WALINDEX_LOCK_OFFSET`, see
    /// https://www.sqlite.org/walformat.html, section 2.3.1).
    private static let writeLock: UInt64 = 120
    /// The bytes of the database on which SQLite locks against readers and writers (`PENDING_BYTE` and the following
    /// ones, https://www.sqlite.org/src/file/src/os.h).
    private static let databaseLocks: ClosedRange<UInt64> = 0x4000_0000...0x4000_01ff

    /// Nil for a shared lock, for a lock that is still waited for, and where the owner is not known: a process of
    /// another container, or an open file instead of a process.
    init?(_ line: some StringProtocol) {
        let words = line.split(separator: " ")
        guard words.count == 8, words[1] == "POSIX", words[3] == "WRITE", let process = Int32(words[4]), process > 0,
            let first = UInt64(words[6]), let last = words[7] == "EOF" ? .max : UInt64(words[7])
        else { return nil }
        let file = words[5].split(separator: ":")
        guard file.count == 3, let major = UInt64(file[0], radix: 16), let minor = UInt64(file[1], radix: 16),
            let inode = UInt64(file[2])
        else { return nil }
        self.process = process
        device = major << 32 | minor
        self.inode = inode
        self.first = first
        self.last = last
    }

    /// The process that holds the lock for writing to the database, or keeps others from reading it.
    static func holder(of path: String) -> LockHolder? {
        guard let text = FileSystem.text(of: list, limit: limit) else { return nil }
        return holder(of: path, among: text.split(separator: "\n").compactMap { ListedLock($0) })
    }

    static func holder(of path: String, among locks: [ListedLock]) -> LockHolder? {
        guard let number = owner(path + "-shm", writeLock...writeLock, locks) ?? owner(path, databaseLocks, locks)
        else { return nil }
        if number == ProcessNumber.current { return .ownProcess }
        let status = FileSystem.text(of: "/proc/\(number)/stat", limit: 4096)
        return .process(number, name: name(status), isStopped: isStopped(status))
    }

    private static func owner(_ path: String, _ bytes: ClosedRange<UInt64>, _ locks: [ListedLock]) -> Int32? {
        guard case .file(let file, _) = FileSystem.kind(of: path) else { return nil }
        let found = locks.filter { lock in
            lock.inode == file.inode && lock.first <= bytes.upperBound && lock.last >= bytes.lowerBound
        }
        if let lock = found.first(where: { $0.device == listed(file.device) }) { return lock.process }
        // Some file systems, such as btrfs and overlays, are listed under another device number than `stat` reports.
        let owners = Set(found.map(\.process))
        return owners.count == 1 ? owners.first : nil
    }

    /// A device number as `stat` reports it, in which Linux spreads two numbers over 64 bits.
    private static func listed(_ device: UInt64) -> UInt64 {
        let major = device >> 8 & 0xfff | device >> 32 & ~0xfff
        let minor = device & 0xff | device >> 12 & ~0xff
        return major << 32 | minor & 0xffff_ffff
    }

    // MARK: The process

    /// From a line such as `4711 (a (b) c) T 1 …`: the name may hold anything.
    static func name(_ status: String?) -> String? {
        guard let status, let start = status.firstIndex(of: "("), let end = status.lastIndex(of: ")"), start < end
        else { return nil }
        return String(status[status.index(after: start)..<end])
    }

    static func isStopped(_ status: String?) -> Bool {
        guard let status, let end = status.lastIndex(of: ")") else { return false }
        return ["T", "t"].contains(status[status.index(after: end)...].split(separator: " ").first)
    }
}
