import ArgumentParser
import TTLStore

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

struct ShellCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "shell", abstract: "Opens the store in the sqlite3 shell.",
        discussion: """
            ttl shell
            ttl shell "SELECT key, ttl FROM live ORDER BY ttl LIMIT 10"
            ttl shell "UPDATE live SET ttl = 60 WHERE key = 'motd'"
            ttl shell -- -json 'SELECT key, value FROM live' | jq .
            ttl shell < edits.sql

            The view 'live' has the entries that programs see, and can be edited; 'expired' has those that are not yet \
            deleted, 'sessions' the sessions of TTLSessions. Programs that use the store go on meanwhile, and see each \
            edit at once. The shell waits up to 5 s for its turn to write. What follows '--' are options and SQL for \
            sqlite3, version 3.37 or newer.

            On a terminal, tables are drawn with boxes; your ~/.sqliterc has precedence. With SQL on the command line \
            or on standard input, the output is plain lines, fields separated by '|', and ~/.sqliterc is not read.

            Exit status: that of sqlite3; 127 if it is not installed.
            """)

    @OptionGroup var location: StoreLocation

    @Argument(help: "Runs it, and ends.")
    var sql: String?

    @Argument(parsing: .postTerminator, help: "Options and SQL for sqlite3, after '--'.")
    var arguments: [String] = []

    func run() throws {
        let program = try ShellProgram()
        let path = try location.path
        // Another file, or none, is an error of ttl; sqlite3 would make a new file.
        try location.withExistingStore(for: .reading, "shell") { _ in }
        guard ShellProgram.canOpen(path) else {
            throw CommandFailure(
                message: "shell: sqlite3 has to write beside the file; 'ttl backup' makes a copy to look into: \(path)")
        }
        let hasSQL = sql != nil || arguments.contains { !$0.hasPrefix("-") }
        let isInteractive = !hasSQL && Terminal.isInput
        if isInteractive { Terminal.writeError(ShellCommand.hint) }
        throw program.become(
            ShellProgram.options(isInteractive: isInteractive, hasOwnSettings: ShellProgram.hasOwnSettings)
                + [ShellProgram.argument(forFile: path)] + arguments + (sql.map { [$0] } ?? []))
    }

    private static let hint = """
        live      the entries: INSERT, UPDATE and DELETE work, e.g.
                  UPDATE live SET ttl = 60 WHERE key = 'motd';
        expired   entries that are not yet deleted
        sessions  of TTLSessions: DELETE logs out
        .schema shows the tables with comments, .quit leaves.

        """
}
