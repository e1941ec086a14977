import CTTLTestFaults
import Foundation
import Synchronization
import TTLStore
import TTLTestSupport

/// Opens stores under conditions that belong to a whole process: its user, its umask, its folder, its environment.
///
/// Each command prints one line for each attempt: the result, or the code of the error.
enum OpeningCommands {
    /// False for a command that is not one of these.
    static func run(_ command: String, _ arguments: [String]) throws -> Bool {
        guard let first = arguments.first, let last = arguments.last else { return false }
        switch command {
        case "open-unprivileged":
            dropPrivileges()
            open(last, first)
        case "open-effectively-unprivileged":
            dropPrivileges(keepingRealUser: true)
            open(last, first)
        case "open-unprivileged-unanswered":
            dropPrivileges()
            ttl_faults_answer_no_questions()
            open(last, first)
        case "open-unprivileged-in-words":
            dropPrivileges()
            openInWords(last, first)
        case "read-twice-unprivileged":
            dropPrivileges()
            readTwice(last)
        case "watch-unprivileged":
            dropPrivileges()
            watch(last)
        case "read-pairs-unprivileged":
            dropPrivileges()
            readPairs(last)
        case "lose-sight": loseSight(folder: first, path: last)
        case "open-under-umask":
            umask(mode_t(first, radix: 8) ?? 0)
            open(last, "create")
        case "open-relative": openRelative(folder: first, name: last)
        case "default-path": report { try TTLStore.defaultPath(tool: first) }
        default: return false
        }
        return true
    }

    /// Becomes the user nobody, if the process is root's: permissions are no obstacle for root.
    ///
    /// Here and not by `setpriv`: the executable may lie in a folder that no other user may enter.
    static func dropPrivileges(keepingRealUser: Bool = false) {
        guard getuid() == 0 else { return }
        let nobody: uid_t = 65534
        let isGroupSet = (keepingRealUser ? setegid(nobody) : setgid(nobody)) == 0
        guard setgroups(0, nil) == 0, isGroupSet, (keepingRealUser ? seteuid(nobody) : setuid(nobody)) == 0 else {
            print("can't become another user")
            exit(1)
        }
    }

    private static func open(_ path: String, _ access: String) {
        var configuration = TTLStore.Configuration()
        configuration.access = access == "read-only" ? .readOnly : access == "existing" ? .existing : .create
        report {
            let store = try TTLStore(path: path, configuration: configuration)
            report { try store.get("k") ?? "nothing" }
            report { "\(try store.set("new", "value"))" }
            report { try modes(below: (path as NSString).deletingLastPathComponent) }
            store.close()
            return "closed"
        }
    }

    private static func openInWords(_ path: String, _ access: String) {
        var configuration = TTLStore.Configuration()
        configuration.access = access == "read-only" ? .readOnly : .create
        do {
            try TTLStore(path: path, configuration: configuration).close()
            print("opened")
        } catch { print(error.message) }
    }

    /// Reads a second time when a line comes in.
    private static func readTwice(_ path: String) {
        var configuration = TTLStore.Configuration()
        configuration.access = .readOnly
        report {
            let store = try TTLStore(path: path, configuration: configuration)
            report { try store.get("k") ?? "nothing" }
            fflush(nil)
            _ = readLine()
            return try store.get("k") ?? "nothing"
        }
    }

    /// Reads whenever a line comes in.
    private static func watch(_ path: String) {
        var configuration = TTLStore.Configuration()
        configuration.access = .readOnly
        report {
            let store = try TTLStore(path: path, configuration: configuration)
            repeat {
                report { try store.get("k") ?? "nothing" }
                fflush(nil)
            } while readLine() != nil
            store.close()
            return "closed"
        }
    }

    /// Reads two values that are always written together, on four threads until the input ends, and prints how often
    /// they differed, which reads failed, and whether the values changed.
    private static func readPairs(_ path: String) {
        var configuration = TTLStore.Configuration()
        configuration.access = .readOnly
        report {
            let store = try TTLStore(path: path, configuration: configuration)
            let end = EndOfInput()
            let seen = PairsSeen()
            seen.look(store)
            print("open")
            fflush(nil)
            onThreads(4) { _ in while !end.hasCome { seen.look(store) } }
            seen.look(store)
            store.close()
            return seen.summary
        }
    }

    /// Closes the folder and gives up the right to look into it, with the store open.
    private static func loseSight(folder: String, path: String) {
        report {
            let store = try TTLStore(path: path)
            try store.set("k", "before", expiring: .after(.seconds(3600)))
            // Opens the connection that reads later on.
            report { try store.get("k") ?? "nothing" }
            guard chmod(folder, 0) == 0 else { return "can't close the folder" }
            dropPrivileges()
            guard access(path, F_OK) != 0, errno == EACCES else { return "the file is still in sight" }
            report { "\(try store.set("k", "after"))" }
            report { try store.transaction { try $0.get("k") ?? "nothing" } }
            report { "\(try store.increment("number"))" }
            report { try store.get("k") ?? "nothing" }
            store.close()
            return "closed"
        }
    }

    private static func openRelative(folder: String, name: String) {
        guard chdir(folder) == 0 else { return print("can't enter the folder") }
        report {
            let store = try TTLStore(path: name)
            report { "\(try store.set("k", "value"))" }
            guard chdir("/") == 0 else { return "can't leave the folder" }
            // Reading opens another connection, from another folder.
            report { try store.get("k") ?? "nothing" }
            report { "\(try store.set("k", "other"))" }
            store.close()
            return "closed"
        }
    }

    /// The permissions of a folder and of what is in it, e.g. `700 .; 600 store.db`.
    private static func modes(below folder: String) throws -> String {
        let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
        return try (["."] + names).map { name in
            let attributes = try FileManager.default.attributesOfItem(atPath: folder + "/" + name)
            let mode = (attributes[.posixPermissions] as? NSNumber)?.intValue ?? -1
            return "\(String(mode, radix: 8)) \(name)"
        }.joined(separator: "; ")
    }

    private static func report(_ body: () throws -> String) {
        do { print(try body()) } catch { print((error as? TTLStoreError)?.code.description ?? "\(error)") }
    }
}

/// The pairs that several threads have read.
private final class PairsSeen: @unchecked Sendable {
    // Sendable: the lock guards the rest.
    private let lock = NSLock()
    private var differences = 0
    private var failures = Set<String>()
    private var values = Set<String>()

    func look(_ store: TTLStore) {
        do {
            let pair = try store.getAll(["a", "b"], as: String.self)
            lock.withLock {
                if pair[0] != pair[1] { differences += 1 }
                values.insert(pair[0] ?? "nothing")
            }
        } catch { lock.withLock { _ = failures.insert("\(error)") } }
    }

    var summary: String { lock.withLock { "\(differences) \(failures.sorted()) \(values.count > 1)" } }
}

/// Waits on a thread of its own until standard input ends.
private final class EndOfInput: Sendable {
    private let isThere = Atomic<Bool>(false)

    var hasCome: Bool { isThere.load(ordering: .acquiring) }

    init() {
        Thread.detachNewThread { [self] in
            while readLine() != nil {}
            isThere.store(true, ordering: .releasing)
        }
    }
}
