import ArgumentParser

/// A subcommand with a form that scripts and prompts use all the time, and that is read without ArgumentParser: that
/// takes longer to look at the declarations than the store takes to open.
///
/// A form is so plain that nothing has to be parsed: words in fixed places. `ParsingTests` compares what it gives with
/// what ArgumentParser gives.
protocol PlainForm: ParsableCommand {
    /// The command with the values of all its options, those not given included: reading one without a value ends the
    /// process.
    /// - Parameter arguments: what follows the subcommand's name.
    /// - Returns: nil for every other form, which is for ArgumentParser.
    static func plain(_ arguments: ArraySlice<String>) -> Self?
}

/// `ttl get KEY`
extension GetCommand: PlainForm {
    static func plain(_ arguments: ArraySlice<String>) -> GetCommand? {
        guard arguments.count == 1, let key = arguments.first, !key.hasPrefix("-") else { return nil }
        var command = GetCommand()
        command.location = StoreLocation(store: nil)
        (command.touch, command.json, command.key) = (nil, false, key)
        return command
    }
}

/// `ttl run --ttl DURATION -- COMMAND ARG…`
extension RunCommand: PlainForm {
    static func plain(_ arguments: ArraySlice<String>) -> RunCommand? {
        let words = Array(arguments)
        guard words.count >= 4, words[0] == "--ttl", !words[1].hasPrefix("-"), words[2] == "--" else { return nil }
        var command = RunCommand()
        command.location = StoreLocation(store: nil)
        command.keys = RunKeyOptions(isPlain: ())
        // Of the environment.
        guard (try? command.keys.validate()) != nil else { return nil }
        (command.ttl, command.stale, command.maxSize) = (words[1], nil, nil)
        (command.force, command.warm, command.status, command.forget) = (false, false, false, false)
        (command.all, command.json, command.quiet, command.inBackground) = (false, false, false, false)
        command.command = Array(words[3...])
        return command
    }
}

extension RunKeyOptions {
    /// None of them is given.
    init(isPlain: Void) {
        (cwd, stdin, discardFailures) = (false, false, false)
        (variables, modificationTimes, inputs) = ([], [], [])
        (scope, key) = (nil, nil)
    }
}
