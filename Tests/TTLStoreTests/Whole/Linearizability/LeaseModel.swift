import TTLTestSupport

/// A lease, which one client at a time holds.
struct LeaseModel: HistoryModel {
    private struct Holding: Hashable {
        /// Nil as long as no client has seen it: the client that acquired the lease was killed.
        var token: Int64?
        var expiresAt: Int64
    }

    private var holding: Holding?
    /// The highest token that was seen.
    private var lastToken: Int64 = 0

    func after(_ event: HistoryEvent) -> LeaseModel? {
        if case .failed = event.answer { return self }
        var model = self
        if let holding, holding.expiresAt <= event.now { model.holding = nil }
        let answer = model.run(event.call, event.now, seen: event.answer)
        return event.answer.map { $0 == answer } ?? true ? model : nil
    }

    private mutating func run(
        _ call: HistoryEvent.Call, _ now: Int64, seen: HistoryEvent.Answer?
    ) -> HistoryEvent.Answer {
        switch call {
        case .lease: return .lease(token: holding.flatMap { _ in token(seen) })
        case .acquire(let timeToLive):
            guard holding == nil else { return .lease(token: nil) }
            holding = Holding(expiresAt: now + timeToLive)
            return .lease(token: token(seen))
        case .renew(let token, let timeToLive):
            guard let holding, holding.token == token else { return .done(false) }
            self.holding?.expiresAt = now + timeToLive
            return .done(true)
        case .release(let token):
            guard let holding, holding.token == token else { return .done(false) }
            self.holding = nil
            return .done(true)
        default: return .failed("not about a lease")
        }
    }

    /// The holder's token. The first client that sees it is right about it, if it is higher than all before.
    private mutating func token(_ seen: HistoryEvent.Answer?) -> Int64? {
        if let token = holding?.token { return token }
        guard case .lease(let token?) = seen, token > lastToken else { return nil }
        lastToken = token
        holding?.token = token
        return token
    }
}
