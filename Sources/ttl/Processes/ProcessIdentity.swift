#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// A process, told apart from every other one that had or will have its number: the owner of a lease.
struct ProcessIdentity: Equatable {
    let id: Int32
    let host: String
    /// When it began: on Linux in clock ticks since the system's start, on macOS in microseconds since 1970.
    let start: UInt64
    /// Where the number means this process: the boot of the system, and on Linux the namespace of process numbers.
    let space: String

    static var current: ProcessIdentity {
        let isKnown = SystemProcess.space != SystemProcess.unknownSpace
        return ProcessIdentity(
            id: getpid(), host: hostName, start: isKnown ? SystemProcess(getpid())?.start ?? 0 : 0,
            space: SystemProcess.space)
    }

    init(id: Int32, host: String, start: UInt64, space: String) {
        (self.id, self.host, self.start, self.space) = (id, host, start, space)
    }

    /// As it stands in a lease, for people and for `init(_:)`.
    var text: String { "process \(id) on \(host), started \(start) in \(space)" }

    /// - Returns: nil for a text that is none, such as the owner of a lease that another program holds.
    init?(_ text: String) {
        let words = text.split(separator: " ", omittingEmptySubsequences: false)
        guard words.count > 7, words[0] == "process", words[2] == "on", words.suffix(4).first == "started",
            words.suffix(2).first == "in", let id = Int32(words[1]), id > 0,
            let start = UInt64(words[words.count - 3]), let space = words.last, !space.isEmpty
        else { return nil }
        let host = words[3..<(words.count - 4)].joined(separator: " ")
        guard host.hasSuffix(","), host.count > 1 else { return nil }
        self.init(id: id, host: String(host.dropLast()), start: start, space: String(space))
    }

    /// Whether it has ended for certain. False where that can't be told from here: another host, another container.
    var hasEnded: Bool {
        guard host == ProcessIdentity.hostName, space == SystemProcess.space, start != 0,
            space != SystemProcess.unknownSpace
        else { return false }
        guard let process = SystemProcess(id) else { return kill(id, 0) != 0 && errno == ESRCH }
        return process.isZombie || process.start != start
    }

    private static let hostName: String = {
        var name = [CChar](repeating: 0, count: 256)
        guard gethostname(&name, name.count - 1) == 0 else { return "unknown" }
        return name[0] == 0 ? "unknown" : ended(name)
    }()
}

/// What the system tells of a process that is there.
private struct SystemProcess {
    let start: UInt64
    /// It has ended, and its parent has not asked yet.
    let isZombie: Bool

    /// Where the system tells neither its boot nor the namespace, or only of the numbers of another namespace, a number
    /// may mean any process.
    static let unknownSpace = "unknown"

    #if canImport(Darwin)
    init?(_ id: Int32) {
        var information = proc_bsdinfo()
        let size = Int32(MemoryLayout<proc_bsdinfo>.size)
        guard proc_pidinfo(id, PROC_PIDTBSDINFO, 0, &information, size) == size else { return nil }
        start = information.pbi_start_tvsec * 1_000_000 + information.pbi_start_tvusec
        isZombie = information.pbi_status == UInt32(SZOMB)
    }

    static let space: String = {
        var size = 0
        guard sysctlbyname("kern.bootsessionuuid", nil, &size, nil, 0) == 0, size > 0 else { return unknownSpace }
        var characters = [CChar](repeating: 0, count: size + 1)
        guard sysctlbyname("kern.bootsessionuuid", &characters, &size, nil, 0) == 0 else { return unknownSpace }
        return ended(characters)
    }()
    #else
    /// The fields of `/proc/PID/stat`. The second is the name, which may hold anything.
    init?(_ id: Int32) {
        guard let text = contents("/proc/\(id)/stat"), let end = text.lastIndex(of: ")") else { return nil }
        let fields = text[end...].split(separator: " ").dropFirst()
        // The third field of the file comes first here, and the 22nd is the start.
        guard fields.count > 19, let start = UInt64(fields[fields.startIndex + 19]) else { return nil }
        self.start = start
        isZombie = fields.first == "Z" || fields.first == "X"
    }

    static let space: String = {
        var information = stat()
        guard isProcOfOwnNamespace, let boot = contents("/proc/sys/kernel/random/boot_id")?.prefix(8), !boot.isEmpty,
            stat("/proc/self/ns/pid", &information) == 0
        else { return unknownSpace }
        return "\(boot)/\(information.st_ino)"
    }()

    /// Where a namespace of process numbers has no `/proc` of its own, as after `unshare --pid`, the files of a number
    /// there are those of another process.
    private static var isProcOfOwnNamespace: Bool {
        var name = [CChar](repeating: 0, count: 32)
        return readlink("/proc/self", &name, name.count - 1) > 0 && ended(name) == String(getpid())
    }
    #endif
}

/// What stands before the NUL.
private func ended(_ characters: [CChar]) -> String {
    String(decoding: characters.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
}

#if !canImport(Darwin)
/// A small file of `/proc`.
private func contents(_ path: String) -> String? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = read(descriptor, &bytes, bytes.count)
    return count > 0 ? String(decoding: bytes[..<count], as: UTF8.self) : nil
}
#endif
