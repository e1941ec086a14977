import TTLStore

/// Single writes of eight threads and of eight tasks, which share commits, against C that commits as many rows at a
/// time while a thread of its own copies the log.
enum SetBesideGroups: Benchmark {
    static let name = "set-groups"
    static let summary = "set from 8 threads and 8 tasks, against C with 8 rows in each commit and a thread for the log"
    private static let callers = SetFromThreads.threads

    static func run(_ workshop: Workshop) throws -> [Row] {
        let work = try SetWork(workshop)
        defer { work.remove() }
        let (limited, unlimited) = (Writer.c(limit: 8192), Writer.c(limit: 0))
        let writers = [limited, unlimited, .threads, .tasks]
        let rounds = try Rounds(workshop.options.roundCount, among: writers) { writer in
            try work.withCopy { path in
                let log = Watch.log(of: path)
                let time = try seconds(writer, work, path)
                return Outcome(rate: Double(work.order.count) / time, log: Double(log.stop()))
            }
        }
        return [limited, unlimited].flatMap { other in
            [
                row("set from \(callers) threads", .threads, other, rounds),
                row("set from \(callers) tasks", .tasks, other, rounds),
            ]
        }
    }

    private enum Writer: Hashable {
        /// In frames; the first limit makes 32 MiB, as in the store.
        case c(limit: Int32)
        case threads, tasks
    }

    private struct Outcome {
        /// Sets in a second.
        var rate: Double
        /// The longest log, in bytes.
        var log: Double
    }

    private static func row(
        _ work: String, _ writer: Writer, _ other: Writer, _ rounds: Rounds<Writer, Outcome>
    ) -> Row {
        func figure(_ writer: Writer) -> String {
            let (rate, log) = (rounds.median(writer) { $0.rate } ?? .nan, rounds.median(writer) { $0.log } ?? .nan)
            return "\(Format.perSecond(rate)), log \(Format.mebibytes(log))"
        }
        let ratio = rounds.ratio(of: writer, to: other) { $0.rate } ?? .nan
        return Row(
            work: "\(work) (C: \(callers) in each commit\(other == .c(limit: 0) ? ", no limit of the log" : ""))",
            c: figure(other), store: figure(writer), toC: Format.ratio(ratio), target: "≥ 0.75 × C",
            isMet: ratio >= 0.75)
    }

    /// Opening and closing are not measured.
    private static func seconds(_ writer: Writer, _ work: SetWork, _ path: String) throws -> Double {
        if case .c(let limit) = writer {
            let (store, other) = (try groupStore(path), try groupStore(path))
            return try store.setGroups(work.material, work.order, of: callers, other, limit: limit)
        }
        let store = try TTLStore(path: path)
        defer { store.close() }
        let (order, keys, value) = (work.order, work.material.keys, Material.value)
        return try ttl_benchmarks.seconds {
            if writer == .threads {
                try SetFromThreads.inThreads(order) { order in
                    for number in order { try store.set(keys[Int(number)], value, expiring: .after(timeToLive)) }
                    return []
                }
            } else {
                try untilDone { try await sets(order, keys, value, store) }
            }
        }
    }

    private static func groupStore(_ path: String) throws -> CStore {
        let store = try CStore(path, settings: SQL.settingsWithoutCheckpoints)
        try store.prepare()
        return store
    }

    private static func sets(_ order: [UInt32], _ keys: [String], _ value: String, _ store: TTLStore) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for task in 0..<callers {
                group.addTask {
                    for place in stride(from: task, to: order.count, by: callers) {
                        try await store.set(keys[Int(order[place])], value, expiring: .after(timeToLive))
                    }
                }
            }
            try await group.waitForAll()
        }
    }
}
