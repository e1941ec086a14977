/// Reads with the memory and without, while another process commits.
enum MemoryBesideCommits: Benchmark {
    static let name = "memory-commits"
    static let summary = "reads while another process commits every 10 ms: with the memory and without"

    static func run(_ workshop: Workshop) throws -> [Row] {
        let count = workshop.options.size(10_000, quick: 1000)
        let reads = workshop.options.size(500_000, quick: 2000)
        let all = try ReadSubject(workshop, count: count, reads: reads)
        defer { all.remove() }
        let few = try ReadSubject(workshop, count: count, reads: reads, of: 100)
        defer { few.remove() }
        let (every, keys) = ("a foreign commit every 10 ms", "\(Format.count(count)) keys")
        return try [
            few.row("99 % get, 1 % set, \(every), 100 of \(keys)", limit: 0.2, besideCommitsEvery: 10) {
                try $0.mixed($1, share: 100)
            },
            all.row("99 % get, 1 % set, \(every), \(keys)", limit: 0.2, besideCommitsEvery: 10) {
                try $0.mixed($1, share: 100)
            },
            all.row("get, \(every), \(keys)", limit: 0.2, besideCommitsEvery: 10) { try $0.reads($1) },
        ]
    }
}
