import ArgumentParser

/// The command line as it was given.
enum ArgumentText {
    /// On Linux, Swift's runtime reads the command line in `/proc`, and without that has not even the command's name.
    static func requireThere() throws {
        if CommandLine.argc < 1 {
            throw CommandFailure(
                message: "the arguments can't be read; on Linux that takes /proc, which must be mounted")
        }
    }

    /// Swift replaces what is not UTF-8, and a value would be stored other than it was given.
    static func requireUTF8() throws {
        for index in 1..<max(1, Int(CommandLine.argc)) {
            guard let argument = CommandLine.unsafeArgv[index] else { continue }
            guard String(validatingCString: argument) != nil else {
                throw ValidationError("an argument is not valid UTF-8; give such a value on standard input")
            }
        }
    }

    /// The options whose value is a number, a duration or a date: they take what follows them even if it begins with a
    /// dash, and say themselves what is wrong with it.
    private static let numericOptions: Set = ["--at", "--by", "--if-revision", "--limit", "--touch", "--ttl"]

    /// Explains what ArgumentParser would call an unknown option, or a value that is missing. The command has no short
    /// option but `-h`.
    static func requireNoLooseDash() throws {
        var previous = ""
        for argument in CommandLine.arguments.dropFirst() {
            if argument == "--" { return }
            if argument.hasPrefix("-"), !["-", "-h"].contains(argument), !argument.hasPrefix("--"),
                !numericOptions.contains(previous)
            {
                throw ValidationError(
                    "an argument that begins with a dash goes after '--', and an option's value after '='")
            }
            previous = argument
        }
    }

    /// Takes out of ArgumentParser's message what may be a key or a value: every quoted argument, except what stands
    /// in the place of a subcommand or looks like the name of an option.
    static func redacted(_ message: String) -> String {
        let arguments = CommandLine.arguments.dropFirst()
        let options = arguments.prefix { $0 != "--" }.filter(isOptionName).map { $0.prefix { $0 != "=" } }
        let quotable = Set(options + arguments.prefix(1).map { $0[...] })
        var message = message
        for argument in arguments.flatMap(pieces).sorted(by: { $0.count > $1.count }) where !argument.isEmpty {
            guard !quotable.contains(argument) else { continue }
            message = message.replacing("'\(argument)'", with: "…")
        }
        return message
    }

    /// What ArgumentParser may quote of one argument: all of it, the value after `=`, or each letter after a dash.
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

    private static func isOptionName(_ argument: String) -> Bool {
        argument.hasPrefix("--")
            && argument.dropFirst(2).prefix { $0 != "=" }.allSatisfy { $0 == "-" || $0.isASCII && $0.isLowercase }
    }
}
