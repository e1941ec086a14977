import ArgumentParser

/// The command line as it was given.
enum ArgumentText {
    /// On Linux, Swift's runtime reads the command line from `/proc`; without it, even the command's name is missing.
    static func requireThere() throws {
        if CommandLine.argc < 1 {
            throw CommandFailure(
                message: "the arguments can't be read; on Linux that takes /proc, which must be mounted")
        }
    }

    /// Swift replaces bytes that are not UTF-8, and would store another value than the given one. What a subcommand
    /// executes may hold any bytes (`CommandWords`).
    static func requireUTF8() throws {
        var isOfCommand = false
        var previous = ""
        for index in 1..<max(1, Int(CommandLine.argc)) {
            guard let argument = CommandLine.unsafeArgv[index] else { continue }
            let text = String(validatingCString: argument)
            guard text != nil || isOfCommand && executesCommand else {
                throw ValidationError(explanation(ofNonUTF8: CommandLine.arguments[index], after: previous))
            }
            if text == "--" { isOfCommand = true }
            previous = text ?? ""
        }
    }

    private static let pathOptions: Set<Substring> = ["--store", "--input", "--modtime"]

    /// - Parameter argument: with other characters in place of what is not UTF-8.
    private static func explanation(ofNonUTF8 argument: String, after previous: String) -> String {
        let option = argument.prefix { $0 != "=" }
        for option in [option, previous[...]] where pathOptions.contains(option) {
            return "the path after \(option) is not valid UTF-8; name the file by a link whose path is"
        }
        if executesCommand { return "an argument is not valid UTF-8; only what follows '--' may be so" }
        switch Ending.subcommand.first {
        case ImportCommand._commandName:
            return "the file's path is not valid UTF-8; give the file on standard input: ttl import < FILE"
        case BackupCommand._commandName: return "the path of the copy is not valid UTF-8, as it must be"
        default: return "an argument is not valid UTF-8; give such a value on standard input"
        }
    }

    private static var executesCommand: Bool {
        [RunCommand._commandName, LockCommand._commandName].contains(Ending.subcommand.first)
    }

    /// The options whose value is a number, a duration or a date. They take the next argument even if it begins with a
    /// dash, and report themselves what is wrong with it.
    private static let numericOptions: Set = [
        "--at", "--by", "--conflict-exit-code", "--for", "--if-revision", "--limit", "--max-size", "--slots", "--stale",
        "--token", "--touch", "--ttl", "--wait", "-E",
    ]

    /// The short options of all subcommands.
    private static let shortOptions: Set = ["-E", "-h"]

    /// Explains an argument that ArgumentParser would report as an unknown option or a missing value.
    static func requireNoLooseDash() throws {
        var previous = ""
        for argument in CommandLine.arguments.dropFirst() {
            if argument == "--" { return }
            if argument.hasPrefix("-"), argument != "-", !shortOptions.contains(argument),
                !argument.hasPrefix("--"), !numericOptions.contains(previous)
            {
                throw ValidationError(
                    "an argument that begins with a dash goes after '--', and an option's value after '='")
            }
            previous = argument
        }
    }

    /// Removes possible keys and values from ArgumentParser's message: every quoted argument, except one in the place
    /// of a subcommand, or one that looks like the name of an option.
    static func redacted(_ message: String) -> String {
        let arguments = CommandLine.arguments.dropFirst()
        let options = arguments.prefix { $0 != "--" }.filter(isOptionName).map { $0.prefix { $0 != "=" } }
        let names = arguments.prefix(arguments.first == "help" ? 2 : 1)
        let quotable = Set(options + names.map { $0[...] } + ["--"])
        var message = message
        for argument in arguments.flatMap(pieces).sorted(by: { $0.count > $1.count }) where !argument.isEmpty {
            guard !quotable.contains(argument) else { continue }
            message = message.replacing("'\(argument)'", with: "…")
        }
        return message
    }

    /// The parts of an argument that ArgumentParser may quote: all of it, the value after `=`, or each letter after a
    /// dash.
    private static func pieces(_ argument: String) -> [Substring] {
        var pieces = [argument[...]]
        if let equals = argument.firstIndex(of: "=") {
            pieces += [argument[argument.index(after: equals)...], argument[..<equals]]
        }
        if argument.hasPrefix("-"), !argument.hasPrefix("--") {
            pieces += argument.dropFirst().map { "-\($0)" }
        }
        return pieces
    }

    /// ArgumentParser reports an unknown option after everything else, such as a missing argument; but an option that
    /// was mistyped is the likelier mistake.
    static func likelier(_ message: String) -> String {
        let arguments = CommandLine.arguments.dropFirst().prefix { $0 != "--" }
        // What the subcommands may miss.
        for supplement in [
            ["argument"], ["argument", "--", "argument"], ["--ttl", "1", "--", "argument"], ["--token", "1"],
            ["--token", "1", "argument"],
        ] {
            do {
                _ = try TTLCommand.parseAsRoot(arguments + supplement)
            } catch {
                let other = TTLCommand.message(for: error)
                let option = other.dropFirst("Unknown option '".count).prefix { $0 != "'" }
                let isGiven = arguments.contains { $0.prefix { $0 != "=" } == option }
                if other.hasPrefix("Unknown option '--"), isGiven { return other }
            }
        }
        return message
    }

    private static func isOptionName(_ argument: String) -> Bool {
        argument.hasPrefix("--")
            && argument.dropFirst(2).prefix { $0 != "=" }.allSatisfy { $0 == "-" || $0.isASCII && $0.isLowercase }
    }
}
