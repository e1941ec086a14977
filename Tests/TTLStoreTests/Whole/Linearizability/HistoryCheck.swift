import TTLTestSupport

enum HistoryCheck {
    /// For a history of many keys, each of which must have its order.
    /// - Returns: the flaw, for people to read; nil for a legal history.
    static func flaw(_ events: [HistoryEvent]) -> String? {
        for (key, events) in Dictionary(grouping: events, by: \.key).sorted(by: { $0.key < $1.key }) {
            let isLease = events.contains { $0.call.isAboutLease }
            let flaw = isLease ? OrderSearch<LeaseModel>(events).flaw() : OrderSearch<KeyModel>(events).flaw()
            if let flaw { return "key \(key): \(flaw)" }
        }
        return nil
    }
}

/// The model of one key or one lease, one operation at a time.
protocol HistoryModel: Hashable {
    /// Before the first event.
    init()

    /// The model after the event; nil if the event's answer is impossible now. An event without an answer is always
    /// possible.
    func after(_ event: HistoryEvent) -> Self?
}

/// Looks for an order of one key's events in which each answer is right, and in which no event that had ended before
/// another one began comes after it (Wing and Gong, "Testing and Verifying Concurrent Objects", 1993; with a memory of
/// what has been tried, as Lowe describes in "Testing for linearizability", 2017).
private struct OrderSearch<Model: HistoryModel> {
    private let events: [HistoryEvent]

    init(_ events: [HistoryEvent]) { self.events = events.sorted { $0.begin < $1.begin } }

    /// A partial order: the events in it, and the state of the key after them.
    private struct Step: Hashable {
        var done: [UInt64]
        var model = Model()

        func contains(_ index: Int) -> Bool { done[index / 64] & (1 << UInt64(index % 64)) != 0 }

        func with(_ index: Int, _ model: Model) -> Step {
            var step = self
            step.done[index / 64] |= 1 << UInt64(index % 64)
            step.model = model
            return step
        }

        var count: Int { done.reduce(0) { $0 + $1.nonzeroBitCount } }
    }

    /// - Returns: the flaw; nil if there is such an order.
    func flaw() -> String? {
        var tried: Set<Step> = []
        var stack = [Step(done: Array(repeating: 0, count: events.count / 64 + 1))]
        var furthest = stack[0]
        while let step = stack.popLast() {
            let candidates = candidates(step)
            if !candidates.contains(where: { events[$0].answer != nil }) && isComplete(step) { return nil }
            if step.count > furthest.count { furthest = step }
            // Events that may never have happened are tried last: the stack's end is tried first.
            for index in candidates.sorted(by: { rank($0) > rank($1) }) {
                guard let model = step.model.after(events[index]) else { continue }
                let next = step.with(index, model)
                if tried.insert(next).inserted { stack.append(next) }
            }
        }
        return describe(furthest)
    }

    private func rank(_ index: Int) -> Int64 { events[index].end ?? .max }

    private func isComplete(_ step: Step) -> Bool {
        events.indices.allSatisfy { events[$0].answer == nil || step.contains($0) }
    }

    /// The events that had begun when the first of the others ended.
    private func candidates(_ step: Step) -> [Int] {
        let rest = events.indices.filter { !step.contains($0) }
        let firstEnd = rest.compactMap { events[$0].end }.min() ?? .max
        return rest.filter { events[$0].begin <= firstEnd }
    }

    private func describe(_ step: Step) -> String {
        let rest = events.indices.filter { !step.contains($0) }
        let before = events.indices.filter(step.contains).suffix(8)
        let lines = (before.map { ("  ordered", $0) } + rest.prefix(12).map { ("  no place", $0) })
            .map { "\($0.0): \(events[$0.1].line)" }
        return "no order explains these of \(events.count) events:\n" + lines.joined(separator: "\n")
    }
}

extension HistoryEvent {
    fileprivate var line: String {
        "\(begin)…\(end.map { "\($0)" } ?? "?") at \(now), client \(client): \(call) -> "
            + (answer.map { "\($0)" } ?? "nobody knows")
    }
}
