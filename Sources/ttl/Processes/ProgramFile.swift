#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// The file of a program, found as a shell finds it.
struct ProgramFile {
    /// Ends with a NUL.
    let path: [CChar]

    init(named name: String) throws(ChildProcess.StartFailure) { try self.init(named: Array(name.utf8CString)) }

    /// - Parameter name: with a slash a path, else looked for in the folders of `PATH`. It ends with a NUL.
    init(named name: [CChar]) throws(ChildProcess.StartFailure) {
        if name.contains(ProgramFile.slash) {
            let failure = ProgramFile.obstacle(name)
            if failure != 0 { throw ChildProcess.StartFailure(number: failure) }
            path = name
            return
        }
        var worst = ENOENT
        for folder in ProgramFile.folders where name.count > 1 {
            let candidate = (folder.isEmpty ? [ProgramFile.dot] : folder) + [ProgramFile.slash] + name
            switch ProgramFile.obstacle(candidate) {
            case 0:
                path = candidate
                return
            case EACCES: worst = EACCES
            default: break
            }
        }
        throw ChildProcess.StartFailure(number: worst)
    }

    /// The file of this process.
    static var own: ProgramFile {
        get throws(ChildProcess.StartFailure) {
            #if canImport(Darwin)
            var size: UInt32 = 0
            _NSGetExecutablePath(nil, &size)
            var path = [CChar](repeating: 0, count: Int(size) + 1)
            guard _NSGetExecutablePath(&path, &size) == 0 else { throw ChildProcess.StartFailure(number: ENOENT) }
            return try ProgramFile(named: Array(path.prefix { $0 != 0 }) + [0])
            #else
            // In the child too, until it is executed.
            return try ProgramFile(named: "/proc/self/exe")
            #endif
        }
    }

    /// Whether there is a file that may be executed.
    var isThere: Bool { ProgramFile.obstacle(path) == 0 }

    private static let (slash, dot, colon) = (CChar(0x2F), CChar(0x2E), CChar(0x3A))

    private static var folders: [[CChar]] {
        let path = getenv("PATH").map { [CChar](nulTerminated: $0) } ?? Array("/bin:/usr/bin".utf8CString)
        return path.dropLast().split(separator: colon, omittingEmptySubsequences: false).map(Array.init)
    }

    /// The errno that executing the file would end with, as far as can be told; 0 for none.
    private static func obstacle(_ path: [CChar]) -> Int32 {
        var information = stat()
        guard stat(path, &information) == 0 else { return errno == ENOTDIR ? ENOENT : errno }
        guard information.st_mode & S_IFMT == S_IFREG, access(path, X_OK) == 0 else { return EACCES }
        return 0
    }
}
