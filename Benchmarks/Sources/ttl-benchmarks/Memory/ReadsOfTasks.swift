import TTLStore

/// Reads of tasks that memory can't answer, against the same reads of one thread.
enum ReadsOfTasks: Benchmark {
    static let name = "task-reads"
    static let summary = "cold reads of one task, 8 and 1,000 tasks, against those of one thread"

    static func run(_ workshop: Workshop) throws -> [Row] {
        let count = workshop.options.size(1_000_000, quick: 10_000)
        let subject = try ReadSubject(workshop, count: count, reads: workshop.options.size(100_000, quick: 2000))
        defer { subject.remove() }
        let rounds = try Rounds(subject.rounds, among: Reader.allCases) { reader in
            let store = try subject.open(.with)
            defer { store.close() }
            try subject.prepare(store)
            let time = try seconds {
                guard let tasks = reader.tasks else { return try subject.reads(store) }
                try untilDone { try await subject.reads(store, from: tasks) }
            }
            return time / Double(subject.order.count)
        }
        return Reader.allCases.compactMap { reader in
            guard let tasks = reader.tasks else { return nil }
            let (time, other) = (rounds.median(reader) { $0 } ?? .nan, rounds.median(.thread) { $0 } ?? .nan)
            let ratio = rounds.ratio(of: reader, to: .thread) { $0 } ?? .nan
            return Row(
                work: "get, \(Format.count(count)) keys, cold, of \(tasks == 1 ? "one task" : "\(tasks) tasks")",
                store: """
                    \(Format.nanoseconds(time)), \(Format.ratio(ratio)) × one thread \
                    (\(Format.nanoseconds(other)))
                    """,
                target: tasks == 1 ? "≤ 2.00 × one thread" : "–", isMet: tasks == 1 ? ratio <= 2 : nil)
        }
    }

    private enum Reader: CaseIterable {
        case thread, task, fewTasks, manyTasks

        /// Nil for a thread.
        var tasks: Int? {
            switch self {
            case .thread: nil
            case .task: 1
            case .fewTasks: 8
            case .manyTasks: 1000
            }
        }
    }
}
