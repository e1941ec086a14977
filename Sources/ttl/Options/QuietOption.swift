import ArgumentParser

/// For subcommands whose output is a remark and not data.
struct QuietOption: ParsableArguments {
    @Flag(name: .customLong("quiet"), help: "Prints nothing but errors.")
    var isSet = false

    init() {}

    init(isSet: Bool) { self.isSet = isSet }

    /// - Parameter json: whether `--json` is given.
    func exclude(json: Bool) throws {
        if json, isSet { throw ValidationError("--json and --quiet exclude each other") }
    }

    func print(line: @autoclosure () -> String) throws {
        if !isSet { try Output.print(line: line()) }
    }
}
