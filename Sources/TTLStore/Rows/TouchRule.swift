/// A `TouchCondition` with a checked duration, and its one decision.
struct TouchRule {
    private let condition: TouchCondition
    private let limit: Milliseconds

    init(_ condition: TouchCondition, in operation: String) throws(TTLStoreError) {
        self.condition = condition
        guard case .ifRemainingLess(let duration) = condition else {
            limit = 0
            return
        }
        guard let limit = TimeConversion.milliseconds(duration) else {
            throw TTLStoreError(
                .invalidArgument, "the remaining time to compare with is not positive or too long", in: operation)
        }
        self.limit = limit
    }

    /// Whether the decision needs no read.
    var isUnconditional: Bool { condition == .always }

    /// - Parameter current: the expiry of the live entry; nil for never.
    func allows(_ expiry: ResolvedExpiry, current: Timestamp?, now: Timestamp) -> Bool {
        switch condition {
        case .always: true
        case .ifPermanent: current == nil
        case .ifExpiring: current != nil
        case .ifLater: expiry.lateness(current) > current ?? .max
        case .ifEarlier: expiry.lateness(current) < current ?? .max
        case .ifRemainingLess: current.map { $0 - now < limit } ?? false
        }
    }
}

extension ResolvedExpiry {
    /// As a time to compare; `Int64.max` for never.
    fileprivate func lateness(_ current: Timestamp?) -> Timestamp {
        switch self {
        case .never: .max
        case .at(let timestamp): timestamp
        case .keep: current ?? .max
        // A time that is not after now is earlier than the expiry of any live entry.
        case .passed: .min
        }
    }
}
