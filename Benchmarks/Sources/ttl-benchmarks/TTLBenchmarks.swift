import CTTLBenchmarkLoops
import Foundation

/// The command. `--help` says how to use it.
@main
struct TTLBenchmarks {
    /// In the order of the table.
    static var all: [any Benchmark.Type] {
        [
            Get.self, Memory.self, MemoryBesideLMDB.self, MemoryBesideCommits.self, ReadsOfTasks.self,
            GetOrCompute.self, ComputeWaiters.self, SetFromOneThread.self, SetFromThreads.self, SetBesideGroups.self,
            Tasks.self, Changes.self, Batch.self, TransactionOverhead.self, Limit.self, Purge.self,
            PurgeBesidePlain.self, PurgeAlone.self, PurgeBesideOwn.self, ShortLived.self, Events.self,
            Lateness.self, OpenSetClose.self, Closing.self,
            ManyStores.self, Idle.self, CommandStart.self, CommandOnce.self, CommandExchange.self,
        ]
    }

    static func main() {
        do {
            // A child measures, or plays the other process, and prints for its parent alone.
            if let child = try Child.Role(CommandLine.arguments) { return try child.play() }
            let options = try Options(Array(CommandLine.arguments.dropFirst()), names: all.map { $0.name })
            if options.wantsHelp { print(Options.help(all)) } else { try run(options) }
        } catch {
            Output.error("\(error)")
            exit(error is UsageError ? 64 : 1)
        }
    }

    private static func run(_ options: Options) throws {
        let workshop = try Workshop(options)
        defer { workshop.remove() }
        print(Machine.description(folder: workshop.folder))
        print(options.summary + "\n")
        var table = Table()
        for benchmark in all where options.includes(benchmark.name) {
            Output.progress("\(benchmark.name) …")
            table.rows += try benchmark.run(workshop)
        }
        print(table.markdown)
    }
}

/// One row of the table, or several that are measured together.
protocol Benchmark {
    /// For `--only`.
    static var name: String { get }
    static var summary: String { get }
    static func run(_ workshop: Workshop) throws -> [Row]
}

enum Output {
    static func progress(_ line: String) { FileHandle.standardError.write(Data((line + "\n").utf8)) }

    static func error(_ line: String) { progress("ttl-benchmarks: " + line) }
}
