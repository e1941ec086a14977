import ArgumentParser

@main
struct TTLCommand: ParsableCommand {
    /// Of the command, and of the library in it.
    static let version = "0.1.0"

    static let configuration = CommandConfiguration(
        commandName: "ttl",
        abstract: "Keeps values under keys in one SQLite file, each for as long as you say.",
        discussion: """
            ttl set token s3cret --ttl 15m
            ttl get token
            ttl demo                          a tour, in a temporary folder

            The file is the one of --store, else of the environment variable TTL_STORE, else \
            ${XDG_STATE_HOME:-~/.local/state}/ttl/store.db (on macOS ~/Library/Application Support/ttl/store.db). \
            It is created by the first 'ttl set' or 'ttl incr'; until then it counts as empty, and 'ttl stats' says \
            that there is none.

            A duration is written like 250ms, 90s, 5m, 1h30m, 7d or 2w; a bare number is seconds.

            Exit status: 0 when done; 1 when the key is absent or expired, or a condition is not met; \
            2 when the store, standard input or standard output fails, with one line on standard error; 64 when the \
            command line is wrong. 'ttl run' and 'ttl lock' end with the status of their command.
            """,
        version: "ttl \(version)",
        subcommands: [
            SetCommand.self, GetCommand.self, TakeCommand.self, IncrementCommand.self, RemoveCommand.self,
            TouchCommand.self, TimeLeftCommand.self, ListCommand.self, PurgeCommand.self, StatisticsCommand.self,
            WatchCommand.self, RunCommand.self, LockCommand.self, UnlockCommand.self, ExportCommand.self,
            ImportCommand.self, BackupCommand.self, CheckCommand.self, VacuumCommand.self, ShellCommand.self,
            DemoCommand.self,
        ])

    @Option(name: .customLong("store"), help: StoreLocation.help, completion: .file())
    var store: String?

    /// Whether a shell asks for candidates, in the middle of a line that the user types.
    private static var isCompletion: Bool { CommandLine.arguments.dropFirst().first == "---completion" }

    static func main() {
        Ending.prepare()
        do {
            try ArgumentText.requireThere()
            try ArgumentText.requireUTF8()
            try ArgumentText.requireNoLooseDash()
            let arguments = withoutVainHelp(Array(CommandLine.arguments.dropFirst()))
            var command = try parseAlone(arguments) ?? parseAsRoot(arguments)
            try command.run()
        } catch {
            if isCompletion { Ending.exitQuietly(with: error) }
            Ending.exit(with: error)
        }
    }

    /// 'help' for a subcommand that doesn't exist is the same mistake as that subcommand. ArgumentParser would show the
    /// help of the whole.
    private static func withoutVainHelp(_ arguments: [String]) -> [String] {
        guard arguments.count > 1, arguments[0] == "help", !arguments[1].hasPrefix("-") else { return arguments }
        let names = configuration.subcommands.map { $0._commandName } + ["help"]
        return names.contains(arguments[1]) ? arguments : Array(arguments.dropFirst())
    }

    /// The subcommand with whose name the command line begins, parsed by itself.
    ///
    /// The same parser reads the same declarations, and a millisecond less: `parseAsRoot` parses the parent as well,
    /// and tries two commands for completion scripts on each root that has no `_superCommandName`.
    /// - Returns: nil for everything else, such as help, mistakes and `--store` before the subcommand. That is for
    ///   `parseAsRoot`.
    static func parseAlone(_ arguments: [String]) -> (any ParsableCommand)? {
        guard let name = arguments.first,
            let subcommand = configuration.subcommands.first(where: { $0._commandName == name })
        else { return nil }
        if let plain = subcommand as? any PlainForm.Type, var command = plain.plain(arguments.dropFirst()) {
            // What is refused is told by ArgumentParser.
            return (try? command.validate()).map { command }
        }
        guard !mayLoseStore(arguments), let command = try? subcommand.parseAsRoot(Array(arguments.dropFirst())),
            type(of: command) == subcommand
        else { return nil }
        return command
    }

    /// Whether `--store` may be taken for the value of the option before it. Its parent takes it before the subcommand
    /// sees it.
    private static func mayLoseStore(_ arguments: [String]) -> Bool {
        var previous = ""
        for argument in arguments {
            if argument == "--" { return false }
            if argument.hasPrefix("--store"), previous.hasPrefix("-") { return true }
            previous = argument
        }
        return false
    }
}
