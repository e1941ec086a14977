import CTTLBenchmarkLoops
import Foundation

/// A store that is moved: all entries to text, and back.
enum CommandExchange: Benchmark {
    static let name = "command-exchange"
    static let summary =
        "ttl export and ttl import of 1,000,000 entries: rate and memory, beside a loop in C that fills a file"

    private struct Outcome {
        /// In seconds.
        var fill: Double
        var export: Double
        var `import`: Double
        /// In bytes.
        var exportPeak: Int
        var importPeak: Int
    }

    static func run(_ workshop: Workshop) throws -> [Row] {
        guard let command = try BuiltCommand.all(workshop).first else { return [] }
        let count = workshop.options.size(1_000_000, quick: 10_000)
        let rounds = try Rounds(workshop.options.roundCount, among: [Contestant.store]) { _ in
            try round(command, count, workshop)
        }
        func rate(_ time: (Outcome) -> Double) -> Double { Double(count) / (rounds.median(.store, time) ?? .nan) }
        func rows(_ work: String, _ time: (Outcome) -> Double, _ peak: (Outcome) -> Int) -> [Row] {
            let memory = rounds[.store].map(peak).max() ?? 0
            return [
                Row(
                    work: "ttl \(work) of \(Format.count(count)) entries", store: Format.perSecond(rate(time)),
                    target: "≥ 200,000/s", isMet: rate(time) >= 200_000),
                Row(
                    work: "… resident at most", store: Format.mebibytes(Double(memory)), target: "≤ 32 MiB",
                    isMet: memory <= 32 << 20),
            ]
        }
        var imported = rows("import", { $0.import }, { $0.importPeak })
        imported[0].c = Format.perSecond(rate { $0.fill })
        imported[0].toC = Format.ratio(rounds.median(.store) { $0.fill / $0.import } ?? .nan)
        return rows("export", { $0.export }, { $0.exportPeak }) + imported
    }

    private static func round(_ command: BuiltCommand, _ count: Int, _ workshop: Workshop) throws -> Outcome {
        var path = ""
        // In C: one transaction, a cache for all of it, and nothing that survives a crash.
        let fill = try seconds { path = try workshop.makeFile(.live(count)) }
        let (lines, copy) = (workshop.newPath(), workshop.newPath())
        defer { for path in [path, lines, copy] { Workshop.removeFile(path) } }
        let export = try Launch.Task(
            program: command.path, arguments: ["--store", path, "export"], output: lines
        ).runInChild()
        let `import` = try Launch.Task(
            program: command.path, arguments: ["--store", copy, "import", lines]
        ).runInChild()
        return Outcome(
            fill: fill, export: export.time, import: `import`.time, exportPeak: export.peak, importPeak: `import`.peak)
    }
}
