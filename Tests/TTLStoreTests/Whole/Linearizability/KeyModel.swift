import TTLTestSupport

/// An entry, or none.
struct KeyModel: HistoryModel {
    private struct Row: Hashable {
        var value: Int64
        var expiresAt: Int64?
        /// Nil as long as no client has seen it: it begins at random.
        var revision: Int64?

        func isLive(_ now: Int64) -> Bool { expiresAt.map { now < $0 } ?? true }
    }

    /// Nil also if an expired row may still be in the file.
    private var row: Row?

    func after(_ event: HistoryEvent) -> KeyModel? {
        if case .failed = event.answer { return self }
        var model = self
        if let row, !row.isLive(event.now) { model.row = nil }
        let answer = model.run(event.call, event.now, seen: event.answer)
        return event.answer.map { $0 == answer } ?? true ? model : nil
    }

    private mutating func run(
        _ call: HistoryEvent.Call, _ now: Int64, seen: HistoryEvent.Answer?
    ) -> HistoryEvent.Answer {
        let before = row?.value
        switch call {
        case .get: return .value(before)
        case .contains: return .done(before != nil)
        case .entry: return entry(seen)
        case .remove:
            row = nil
            return .done(before != nil)
        case .take:
            row = nil
            return .value(before)
        case .persist:
            defer { row?.expiresAt = nil }
            return .done(row?.expiresAt != nil)
        case .touch(let timeToLive):
            row?.expiresAt = now + timeToLive
            return .done(before != nil)
        case .getAndTouch(let timeToLive):
            row?.expiresAt = now + timeToLive
            return .value(before)
        case .set(let value, let condition, let timeToLive):
            return .done(write(value, condition, timeToLive.map { now + $0 }))
        case .exchange(let value, let condition, let timeToLive):
            return .exchanged(write(value, condition, timeToLive.map { now + $0 }), previous: before)
        case .increment(let amount, let timeToLive):
            replace((before ?? 0) + amount, before == nil ? timeToLive.map { now + $0 } : row?.expiresAt)
            return .value(row?.value)
        case .update(let amount):
            if let before { replace(before + amount, row?.expiresAt) }
            return .value(row?.value)
        case .transaction(let value, let timeToLive):
            replace(value, timeToLive.map { now + $0 })
            return .exchanged(true, previous: before)
        case .batch(let value, let timeToLive):
            return .done(write(value, .ifAbsent, timeToLive.map { now + $0 }))
        case .getOrCompute(let value, let timeToLive):
            guard seen == nil || seen == .value(value) else { return .value(before) }
            // A client that has computed a value stores it, whatever others have stored meanwhile.
            replace(value, timeToLive.map { now + $0 })
            return .value(value)
        case .lease, .acquire, .renew, .release: return .failed("not about a key")
        }
    }

    /// The first client that sees a new row's revision is right about it.
    private mutating func entry(_ seen: HistoryEvent.Answer?) -> HistoryEvent.Answer {
        guard let row else { return .value(nil) }
        guard case .entry(_, let revision) = seen else { return .entry(value: row.value, revision: -1) }
        if row.revision == nil { self.row?.revision = revision }
        return .entry(value: row.value, revision: row.revision ?? revision)
    }

    private mutating func write(_ value: Int64, _ condition: HistoryEvent.Condition, _ expiresAt: Int64?) -> Bool {
        let holds =
            switch condition {
            case .always: true
            case .ifAbsent: row == nil
            case .ifPresent: row != nil
            // No caller compares with a revision that no client has seen.
            case .ifUnchanged(let revision): row != nil && row?.revision == revision
            }
        if holds { replace(value, expiresAt) }
        return holds
    }

    private mutating func replace(_ value: Int64, _ expiresAt: Int64?) {
        row = Row(value: value, expiresAt: expiresAt, revision: row?.revision.map { $0 + 1 })
    }
}
