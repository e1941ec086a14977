import ArgumentParser

/// For subcommands whose output is a remark and not data.
struct QuietOption: ParsableArguments {
    @Flag(name: .customLong("quiet"), help: "Prints nothing but errors.")
    var isSet = false

    init() {}

    init(isSet: Bool) { self.isSet = isSet }

    func print(line: @autoclosure () -> String) throws {
        if !isSet { try Output.print(line: line()) }
    }
}
