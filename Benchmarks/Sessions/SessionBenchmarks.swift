#if Hummingbird
import Foundation

/// The command. `--help` says how to use it.
@main
struct SessionBenchmarks {
    /// In the order of the table.
    static var all: [any Benchmark.Type] {
        [LoadAgainstGet.self, ManySessions.self, UseWrites.self, RequestRates.self]
    }

    static func main() async {
        do {
            let arguments = Array(CommandLine.arguments.dropFirst())
            // A child serves requests, and speaks to its parent alone.
            if let server = try Server(arguments) { return try await server.run() }
            let options = try Options(arguments, names: all.map { $0.name })
            if options.wantsHelp { print(Options.help(all)) } else { try await run(options) }
        } catch {
            Output.progress("session-benchmarks: \(error)")
            exit(error is UsageError ? 64 : 1)
        }
    }

    private static func run(_ options: Options) async throws {
        let workshop = try Workshop(options)
        defer { workshop.remove() }
        print(options.summary + "\n")
        var table = Table()
        for benchmark in all where options.includes(benchmark.name) {
            Output.progress("\(benchmark.name) …")
            table.rows += try await benchmark.run(workshop)
        }
        print(table.markdown)
    }
}

/// One row of the table, or several that are measured together.
protocol Benchmark {
    /// For `--only`.
    static var name: String { get }
    static var summary: String { get }
    static func run(_ workshop: Workshop) async throws -> [Row]
}

enum Output {
    static func progress(_ line: String) { FileHandle.standardError.write(Data((line + "\n").utf8)) }
}

/// A contestant did not do its work.
struct WrongResult: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
#else
/// Without the trait there are neither sessions nor a server.
@main
struct SessionBenchmarks {
    static func main() { print("build with --traits Hummingbird") }
}
#endif
