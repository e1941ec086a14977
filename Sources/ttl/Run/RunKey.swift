#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// The key under which a command's run is stored: all that its output is said to depend on.
///
/// `ttl.run:PROGRAM:HASH`, and `ttl.run::NAME:HASH` for a key of the user's own. The hash is of fields with their
/// lengths, so that no two commands share one.
struct RunKey {
    static let prefix = "ttl.run:"
    private let beginning: String
    private var hash = SHA256()

    init(ofProgram name: String) { beginning = RunKey.prefix(of: name) }

    /// No program's name is empty: what is removed of a program leaves these.
    init(own name: String) { beginning = "\(RunKey.prefix):\(RunKey.shown(name)):" }

    mutating func add(_ label: String, _ parts: [UInt8]...) {
        for part in [Array(label.utf8)] + parts {
            hash.update((0..<8).map { UInt8(truncatingIfNeeded: part.count >> (8 * $0)) })
            hash.update(part)
        }
    }

    mutating func add(_ label: String, _ text: String) { add(label, Array(text.utf8)) }

    /// The rest would make the key no more certain, and longer to read.
    var text: String {
        var hash = hash
        return beginning + hash.digest().prefix(32)
    }

    /// Of all runs of a program.
    static func prefix(of program: String) -> String {
        "\(prefix)\(shown(program.split(separator: "/").last.map(String.init) ?? program)):"
    }

    private static func shown(_ name: String) -> String {
        String(name.unicodeScalars.prefix(64).map { $0 == ":" || $0.value < 33 ? "_" : Character($0) })
    }

    /// The tag of runs in a scope.
    static func tag(scope: String?) -> String { scope.map { "\(prefix)\($0)" } ?? "ttl.run" }
}

extension RunKey {
    /// The file of the program, and when it was changed: an upgrade makes it another program.
    mutating func add(_ program: ProgramFile) {
        let path = realpath(program.path, nil)
        defer { free(path) }
        add("program", (path.map { [CChar](nulTerminated: $0) } ?? program.path).contents)
        add("modified", FileState(program.path).text)
    }

    /// - Throws: `CommandFailure`.
    mutating func addWorkingFolder() throws {
        guard let path = getcwd(nil, 0) else {
            throw CommandFailure(message: "run: the working folder: \(String(cString: strerror(errno)))")
        }
        defer { free(path) }
        add("cwd", [CChar](nulTerminated: path).contents)
    }

    /// An empty variable differs from one that is not set.
    mutating func addVariable(_ name: String) {
        guard let value = getenv(name) else { return add("unset", name) }
        add("variable", Array(name.utf8), [CChar](nulTerminated: value).contents)
    }

    mutating func addModificationTime(of path: String) { add("modtime", "\(path)\0\(FileState(path).text)") }

    /// The content of a file; one that is missing counts as such.
    /// - Throws: `CommandFailure` where it is there and can't be read.
    mutating func addContent(of path: String) throws {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            guard errno == ENOENT || errno == ENOTDIR else {
                throw CommandFailure(message: "run: --input: \(path): \(String(cString: strerror(errno)))")
            }
            return add("no input", path)
        }
        defer { close(descriptor) }
        var content = SHA256()
        try Spool.readAll(descriptor, "--input: \(path)") { content.update($0) }
        add("input", "\(path)\0\(content.digest())")
    }
}

/// A file's last change, in nanoseconds.
private struct FileState {
    let text: String

    init(_ path: UnsafePointer<CChar>) {
        var information = stat()
        guard stat(path, &information) == 0 else {
            text = "missing"
            return
        }
        #if canImport(Darwin)
        let time = information.st_mtimespec
        #else
        let time = information.st_mtim
        #endif
        text = "\(time.tv_sec).\(time.tv_nsec)"
    }
}
