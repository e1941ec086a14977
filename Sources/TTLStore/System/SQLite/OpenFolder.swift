internal import CTTLSQLite
import Synchronization

#if canImport(Darwin)
internal import Darwin
#elseif canImport(Musl)
internal import Musl
#else
internal import Glibc
#endif

/// The folder of a database, held by a descriptor.
///
/// SQLite opens the database, its log and the log's index one after the other, each by its path, and removes log and
/// index by their paths. If a folder on the way is renamed in between, the files belong to different databases, and
/// both get damaged. `/proc/thread-self/fd` leads to a descriptor's file whatever its name is by now, so paths through
/// it stay in one folder. Linux only, and only where `/proc` is mounted.
///
/// Callable from any thread. Costs a descriptor, which all holders of the same folder by the same path share. It stays
/// open as long as the process has mapped a log's index that was opened through it: SQLite keeps one path for an index,
/// from the first connection of the process, and removes the index by that path when the last connection closes. If
/// another folder had the number of the descriptor by then, SQLite would remove a file there.
final class OpenFolder: Sendable {
    /// What stores share: a folder by one of its paths. Two mounts of a folder are one folder to `stat`, and may have
    /// different permissions.
    private struct Name: Hashable {
        let folder: FileIdentity
        let path: String
    }

    private let name: Name
    /// -1 once it is closed.
    private let descriptor: Atomic<Int32>
    private let hasConnected = Atomic<Bool>(false)
    /// The inode of the index that was opened through it; 0 for none.
    private let index = Atomic<UInt64>(0)

    /// - Parameter path: of a file in it, absolute and without symbolic links.
    /// - Returns: nil where folders can't be held, or this one can't be opened. Without `/proc`, paths through a
    ///   descriptor lead nowhere.
    init?(of path: String) {
        guard OpenFolder.fileSystem != nil else { return nil }
        // Otherwise the folder could get the number of standard input.
        StandardDescriptors.fill()
        let folder = FileSystem.folder(of: path)
        let opened = open(folder, OpenFolder.pathOnly | O_DIRECTORY | O_CLOEXEC)
        guard opened >= 0 else { return nil }
        guard let identity = OpenFolder.identity(of: opened) else {
            OpenFolder.close(opened)
            return nil
        }
        name = Name(folder: identity, path: folder)
        descriptor = Atomic(OpenFolder.shared.share(opened, of: name))
    }

    deinit { close() }

    /// Gives the descriptor back. Paths through it lead nowhere afterwards.
    /// - Parameter isUnused: whether it is certain that no other connection of the process uses a file that was opened
    ///   through it. Otherwise this method looks for one, which takes some 50 µs.
    func close(isUnused: Bool = false) {
        let held = descriptor.exchange(-1, ordering: .acquiringAndReleasing)
        guard held >= 0 else { return }
        OpenFolder.shared.giveBack(
            held, of: name, isUnused: isUnused || !hasConnected.load(ordering: .relaxed),
            index: index.load(ordering: .relaxed))
    }

    /// A connection was opened through it.
    func noteConnection() { hasConnected.store(true, ordering: .relaxed) }

    /// The index of a log was opened through it.
    func noteIndex(_ identity: FileIdentity?) {
        guard let identity else { return }
        index.store(identity.inode, ordering: .relaxed)
        OpenFolder.shared.noteIndex(identity.inode, of: name)
    }

    /// The number of the descriptor.
    var number: Int32 { descriptor.load(ordering: .acquiring) }

    func path(of name: String) -> String { OpenFolder.prefix + String(number) + "/" + name }

    /// Linux's `O_PATH`, which its headers give to `_GNU_SOURCE` only: such a descriptor serves only to find names in
    /// the folder, and needs no right to read it.
    private static let pathOnly: Int32 = 0o10000000

    private static func identity(of descriptor: Int32) -> FileIdentity? {
        var information = stat()
        return fstat(descriptor, &information) == 0 ? FileIdentity(information) : nil
    }

    private static func close(_ descriptor: Int32) {
        #if canImport(Darwin)
        _ = Darwin.close(descriptor)
        #elseif canImport(Musl)
        _ = Musl.close(descriptor)
        #else
        _ = Glibc.close(descriptor)
        #endif
    }

    /// The folders that the process holds.
    private final class Shared: @unchecked Sendable {
        // Sendable: the lock guards the folders.
        private let lock = Lock()
        private var folders: [Name: Held] = [:]
        /// The folders that no store holds, and that another connection may use.
        private var unheld: Set<Name> = []

        private struct Held {
            let descriptor: Int32
            var holders = 0
            /// The inodes of the indexes that were opened through the folder, since it was last certain that none was
            /// in use.
            var indexes: Set<UInt64> = []
            /// Whether a connection that uses the folder may have been left.
            var mayBeUsed = false
        }

        // No descriptor is looked at under the lock: a look at a network volume that doesn't answer never ends.

        /// - Returns: the descriptor by which the folder is held, which may be another one.
        func share(_ opened: Int32, of name: Name) -> Int32 {
            let found = lock.withLock { folders[name]?.descriptor }
            // A program that becomes a daemon may have closed all descriptors, ours among them.
            let isLost = found.map { OpenFolder.identity(of: $0) != name.folder } ?? false
            let descriptor = lock.withLock {
                var held = folders[name] ?? Held(descriptor: opened)
                if isLost, held.descriptor == found { held = Held(descriptor: opened) }
                held.holders += 1
                folders[name] = held
                unheld.remove(name)
                return held.descriptor
            }
            if descriptor != opened { OpenFolder.close(opened) }
            return descriptor
        }

        func noteIndex(_ inode: UInt64, of name: Name) { lock.withLock { _ = folders[name]?.indexes.insert(inode) } }

        /// - Parameter index: the inode of the index that the caller has used.
        func giveBack(_ descriptor: Int32, of name: Name, isUnused: Bool, index: UInt64) {
            let closed: [(Name, Int32)] = lock.withLock {
                guard var held = folders[name], held.descriptor == descriptor else { return [] }
                held.holders -= 1
                held.mayBeUsed = held.mayBeUsed || !isUnused
                if isUnused { held.indexes.remove(index) }
                folders[name] = held
                var closed: [(Name, Int32)] = []
                if held.holders == 0 {
                    if held.mayBeUsed { unheld.insert(name) } else { closed = [remove(name)].compactMap(\.self) }
                }
                guard !unheld.isEmpty, let mapped = OpenFolder.mappedIndexes() else { return closed }
                let free = unheld.filter { folders[$0]?.indexes.isDisjoint(with: mapped) ?? true }
                return closed + free.compactMap(remove)
            }
            for (name, descriptor) in closed where OpenFolder.identity(of: descriptor) == name.folder {
                OpenFolder.close(descriptor)
            }
        }

        /// The lock is held.
        private func remove(_ name: Name) -> (Name, Int32)? {
            unheld.remove(name)
            return folders.removeValue(forKey: name).map { (name, $0.descriptor) }
        }
    }

    private static let shared = Shared()

    /// The inodes of the mapped files of this process that may be indexes; nil if they can't be found out. By the
    /// numbers alone: a name may have changed, and looking at it may block.
    private static func mappedIndexes() -> Set<UInt64>? {
        guard let maps = FileSystem.text(of: "/proc/thread-self/maps", limit: 1 << 26) else { return nil }
        // Addresses, rights, offset, device, inode, and the path, which may hold spaces.
        return Set(
            maps.split(separator: "\n").lazy.filter { $0.contains("-shm") }.compactMap { line in
                let fields = line.split(separator: " ", maxSplits: 5)
                return fields.count > 5 ? UInt64(fields[4]) : nil
            })
    }

    // MARK: SQLite's file system

    /// Not `/proc/self`, which shows nothing once the main thread has ended.
    private static let prefix = "/proc/thread-self/fd/"

    /// The name of SQLite's "unix" file system (https://www.sqlite.org/vfs.html) with one change: it takes paths
    /// through `/proc` as they are, where SQLite would follow the link. Nil where SQLite has another file system by
    /// default.
    static let fileSystem: String? = {
        #if os(Linux)
        guard let base = original, String(cString: base.pointee.zName) == "unix" else { return nil }
        let name = "ttl-unix"
        let changed = UnsafeMutablePointer<sqlite3_vfs>.allocate(capacity: 1)
        changed.initialize(to: base.pointee)
        changed.pointee.zName = UnsafePointer(strdup(name))
        changed.pointee.pNext = nil
        changed.pointee.xFullPathname = { fileSystem, path, size, result in
            guard let path, let result, strncmp(path, OpenFolder.prefix, OpenFolder.prefix.utf8.count) == 0 else {
                return OpenFolder.original?.pointee.xFullPathname(fileSystem, path, size, result) ?? SQLITE_ERROR
            }
            guard strlen(path) < Int(size) else { return SQLITE_CANTOPEN }
            strcpy(result, path)
            return SQLITE_OK
        }
        return sqlite3_vfs_register(changed, 0) == SQLITE_OK ? name : nil
        #else
        return nil
        #endif
    }()

    // Unsafe only by its type: SQLite registers it once, and no code writes to it.
    private nonisolated(unsafe) static let original = sqlite3_vfs_find(nil)
}
