import CTTLBenchmarkLoops

/// As `Purge`, for the store alone: the other process leaves the log to it.
enum PurgeBesidePlain: Benchmark {
    static let name = "purge-plain"
    static let summary = "the same beside a process that makes no checkpoints of its own"

    static func run(_ workshop: Workshop) throws -> [Row] {
        try zip(Purge.kinds(workshop), [80_000, 60_000]).flatMap { backlog, target in
            let (kind, rows) = backlog
            let template = try workshop.makeFile(rows)
            defer { Workshop.removeFile(template) }
            let rounds = try Rounds(workshop.options.roundCount, among: [.store]) { contestant in
                try workshop.withCopy(of: template) { path in
                    try Purge.purge(
                        contestant,
                        Purge.Site(path: path, count: Int(rows.count), othersCheckpoint: false, workshop.options))
                }
            }
            return Purge.Report(
                kind: "\(kind), beside a process without checkpoints", count: Int(rows.count), rounds: rounds,
                rate: Double(target), percentile: 0.020, longest: 0.040
            ).rows
        }
    }
}
