#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// The file of a program, found as a shell finds it.
struct ProgramFile {
    let path: String

    /// - Parameter name: with a slash a path, else looked for in the folders of `PATH`.
    init(named name: String) throws(ChildProcess.StartFailure) {
        if name.contains("/") {
            let failure = ProgramFile.obstacle(name)
            if failure != 0 { throw ChildProcess.StartFailure(number: failure) }
            path = name
            return
        }
        var worst = ENOENT
        for folder in ProgramFile.folders where !name.isEmpty {
            let candidate = folder.isEmpty ? "./\(name)" : "\(folder)/\(name)"
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
            return try ProgramFile(named: path.withUnsafeBufferPointer { String(cString: $0.baseAddress!) })
            #else
            // In the child too, until it is executed.
            return try ProgramFile(named: "/proc/self/exe")
            #endif
        }
    }

    private static var folders: [String] {
        let path = getenv("PATH").map { String(cString: $0) } ?? "/bin:/usr/bin"
        return path.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    }

    /// The errno that executing the file would end with, as far as can be told; 0 for none.
    private static func obstacle(_ path: String) -> Int32 {
        var information = stat()
        guard stat(path, &information) == 0 else { return errno == ENOTDIR ? ENOENT : errno }
        guard information.st_mode & S_IFMT == S_IFREG, access(path, X_OK) == 0 else { return EACCES }
        return 0
    }
}
