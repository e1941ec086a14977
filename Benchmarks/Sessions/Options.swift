#if Hummingbird
/// The command line.
struct Options {
    var isQuick = false
    var rounds: Int?
    var only: [String] = []
    var folder: String?
    var wantsHelp = false

    var roundCount: Int { rounds ?? (isQuick ? 2 : 11) }
    /// For work that takes microseconds: many short rounds, so that both contestants see the same moments of a machine
    /// that does other things.
    var shortRoundCount: Int { roundCount * (isQuick ? 1 : 5) }

    func includes(_ name: String) -> Bool { only.isEmpty || only.contains(name) }

    /// The size of something in a full run, or in a quick one.
    func size(_ full: Int, quick: Int) -> Int { isQuick ? quick : full }

    init(_ arguments: [String], names: [String]) throws(UsageError) {
        var rest = arguments[...]
        func value(of option: String) throws(UsageError) -> String {
            guard let value = rest.popFirst() else { throw UsageError("\(option) needs a value") }
            return value
        }
        while let argument = rest.popFirst() {
            switch argument {
            case "--quick": isQuick = true
            case "--help", "-h": wantsHelp = true
            case "--folder": folder = try value(of: argument)
            case "--only":
                let name = try value(of: argument)
                guard names.contains(name) else {
                    throw UsageError("no benchmark is called \(name); there are \(names.joined(separator: ", "))")
                }
                only.append(name)
            case "--rounds":
                guard let number = Int(try value(of: argument)), number > 0 else {
                    throw UsageError("--rounds is a number from 1")
                }
                rounds = number
            default: throw UsageError("unknown option \(argument)")
            }
        }
    }

    var summary: String {
        let sizes =
            isQuick
            ? "Quick run: small sizes and short times. It shows that everything runs; the targets are for a full run."
            : "Full run."
        return """
            \(sizes) \(shortRoundCount) rounds of loads and \(roundCount) of requests, in each of which the \
            contestants take turns; figures are medians over the rounds, ratios are medians of the rounds' ratios.
            """
    }

    static func help(_ benchmarks: [any Benchmark.Type]) -> String {
        let list = benchmarks.map { benchmark in
            "  " + benchmark.name + String(repeating: " ", count: max(1, 18 - benchmark.name.count)) + benchmark.summary
        }
        return """
            Measures sessions: against plain reads of the same store, and against Hummingbird's driver in memory.

            session-benchmarks [--quick] [--only NAME]... [--rounds N] [--folder PATH]

              --quick           every row at a small size, for continuous integration
              --only NAME       these rows alone; may be repeated
              --rounds N        rounds for each row, 11 by default; of loads, five times as many
              --folder PATH     where the databases go, in a folder that is removed; the temporary folder by default

            \(list.joined(separator: "\n"))
            """
    }
}

struct UsageError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
#endif
