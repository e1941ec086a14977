import ArgumentParser
import CTTLProcess

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// The program `sqlite3`, which takes the place of this process: the terminal, signals and the exit status are its own.
struct ShellProgram {
    /// Ends with a NUL.
    private let path: [CChar]

    init() throws {
        do {
            path = try ProgramFile(named: "sqlite3").path
        } catch {
            throw CommandFailure(
                message: error.number == ENOENT
                    ? "shell: there is no program sqlite3; install it, e.g. by 'apt install sqlite3'"
                    : "shell: sqlite3: \(error.reason)", status: error.status)
        }
    }

    /// - Returns: why it can't be executed.
    func become(_ arguments: [String]) -> CommandFailure {
        let number = withCStrings(["sqlite3"] + arguments) { ttl_become(path, $0) }
        let failure = ChildProcess.StartFailure(number: number)
        return CommandFailure(message: "shell: sqlite3: \(failure.reason)", status: failure.status)
    }

    /// The options before the file.
    /// - Parameter hasOwnSettings: whether the user's settings decide how the shell looks.
    static func options(isInteractive: Bool, hasOwnSettings: Bool) -> [String] {
        let looks =
            !isInteractive
            ? ["-batch", "-init", "/dev/null", "-list"]
            : hasOwnSettings ? [] : ["-cmd", ".mode box", "-cmd", ".prompt 'ttl> ' '...> '"]
        let commands =
            [".timeout 5000"]
            // A version with the WAL-reset bug must not checkpoint while others write: the programs do, and the last
            // one to close the file. The setting prints its value.
            + [".output /dev/null", "PRAGMA wal_autocheckpoint = 0", ".output"]
        return looks + commands.flatMap { ["-cmd", $0] }
    }

    /// Whether sqlite3 finds settings of the user.
    static var hasOwnSettings: Bool {
        let home = Environment.text("HOME") ?? ""
        let places = [
            "\(home)/.sqliterc", "\(Environment.text("XDG_CONFIG_HOME") ?? "\(home)/.config")/sqlite3/sqliterc",
        ]
        return places.contains { access($0, R_OK) == 0 }
    }

    /// Whether sqlite3 can open a store: where no program has it open, it has to make the file by which they share it.
    static func canOpen(_ path: String) -> Bool {
        let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
        return access("\(path)-shm", R_OK) == 0 || access(path, W_OK) == 0 && access(folder, W_OK) == 0
    }

    /// A file that sqlite3 takes for nothing else: an option, `:memory:`, or `file:` and a URL.
    static func argument(forFile path: String) -> String { path.hasPrefix("/") ? path : "./\(path)" }
}
