import CTTLProcess

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// A command that runs beside this process.
struct ChildProcess {
    let id: pid_t

    /// What becomes of the command when this process is killed.
    enum Bond {
        /// On Linux it gets the signal when the thread that has started it ends. Elsewhere it goes on.
        case signal(Int32)
        /// It goes on, in a session of its own without a terminal, and inherits no descriptor but the three.
        case none
    }

    /// How it has ended.
    enum End: Equatable {
        case exited(status: Int32)
        case signal(Int32)

        /// As a shell reports it.
        var status: Int32 {
            switch self {
            case .exited(let status): status
            case .signal(let number): 128 + number
            }
        }
    }

    /// Why it could not be started.
    struct StartFailure: Error {
        let number: Int32
        /// The program's file is there, and what the system would execute it with is not.
        var lacksInterpreter = false
        /// The status that shells use for it: 127 where there is no such command, else 126.
        var status: Int32 { number == ENOENT ? 127 : 126 }
        var reason: String {
            if lacksInterpreter { return "the interpreter that the file asks for is missing" }
            return number == ENOENT ? "no such command" : String(cString: strerror(number))
        }
    }

    /// Starts a command with the environment of this process, and with the signals as they were when it began.
    /// - Parameters:
    ///   - arguments: the first is the name under which the command was called. Each ends with a NUL.
    ///   - variables: added to the environment.
    init(
        _ program: ProgramFile, arguments: [[CChar]], variables: [String: String] = [:], input: Int32 = STDIN_FILENO,
        output: Int32 = STDOUT_FILENO, errors: Int32 = STDERR_FILENO, bond: Bond
    ) throws(StartFailure) {
        let (signalOfDeath, leadsSession): (Int32, Bool) =
            switch bond {
            case .signal(let number): (number, false)
            case .none: (0, true)
            }
        let environment = ChildProcess.environment(with: variables)
        let (id, number) = program.path.withUnsafeBufferPointer { path in
            withCStrings(arguments) { arguments in
                withCStrings(environment) { environment in
                    var child = ttl_child(
                        path: path.baseAddress, arguments: arguments, environment: environment, input: input,
                        output: output, errors: errors, signal_of_death: signalOfDeath, leads_session: leadsSession)
                    return (ttl_start(&child), errno)
                }
            }
        }
        guard id > 0 else {
            throw StartFailure(number: number, lacksInterpreter: number == ENOENT && program.isThere)
        }
        self.id = id
    }

    /// The end, if it has come.
    func endIfAny() -> End? { end(WNOHANG) }

    /// Blocks the thread until the end.
    func waitForEnd() -> End {
        while true {
            if let end = end(0) { return end }
        }
    }

    func send(_ signal: Int32) { kill(id, signal) }

    /// Takes the end from the system; called no more once it has come.
    private func end(_ options: Int32) -> End? {
        var report: Int32 = 0
        guard waitpid(id, &report, options) == id else { return nil }
        return ttl_has_exited(report)
            ? .exited(status: ttl_exit_status(report)) : .signal(ttl_ending_signal(report))
    }

    /// `NAME=value` for each variable. The bytes of those that are inherited stay, valid UTF-8 or not.
    private static func environment(with variables: [String: String]) -> [[CChar]] {
        var result = variables.sorted { $0.key < $1.key }.map { Array("\($0.key)=\($0.value)".utf8CString) }
        let replaced = variables.keys.map { Array("\($0)=".utf8CString.dropLast()) }
        guard var next = ttl_environment() else { return result }
        while let variable = next.pointee {
            let bytes = [CChar](nulTerminated: variable)
            if !replaced.contains(where: bytes.starts) { result.append(bytes) }
            next += 1
        }
        return result
    }
}

/// Lends an array of C strings that ends with nil.
func withCStrings<Result>(
    _ strings: [[CChar]], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
) -> Result {
    var bytes = strings.flatMap(\.self)
    return bytes.withUnsafeMutableBufferPointer { buffer in
        var pointers: [UnsafeMutablePointer<CChar>?] = []
        var offset = 0
        for string in strings {
            pointers.append(buffer.baseAddress.map { $0 + offset })
            offset += string.count
        }
        pointers.append(nil)
        return pointers.withUnsafeBufferPointer { body($0.baseAddress!) }
    }
}

func withCStrings<Result>(
    _ strings: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
) -> Result {
    withCStrings(strings.map { Array($0.utf8CString) }, body)
}
