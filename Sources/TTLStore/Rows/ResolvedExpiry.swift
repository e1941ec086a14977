/// What an `Expiry` means at the moment of a write, whose time has to be one that the file takes. Every operation that
/// stores a time of an entry or a lease resolves it here before it changes anything; operations that only remove do
/// not.
enum ResolvedExpiry {
    case never
    case at(Timestamp)
    /// The live row's own expiry; without a live row this one.
    case keep(else: Timestamp?)
    /// A date that is not after now.
    case passed

    init(_ expiry: Expiry, now: Timestamp, default defaultTimeToLive: Duration?, in operation: String)
        throws(TTLStoreError)
    {
        try TimeConversion.checkStorable(now, in: operation)
        switch expiry {
        case .never: self = .never
        case .after(let duration): self = .at(try ResolvedExpiry.timestamp(duration, now: now, in: operation))
        case .default, .keep:
            var fallback: Timestamp?
            if let defaultTimeToLive {
                fallback = try ResolvedExpiry.timestamp(defaultTimeToLive, now: now, in: operation)
            }
            self = expiry == .keep ? .keep(else: fallback) : fallback.map { .at($0) } ?? .never
        case .at(let date):
            guard let timestamp = TimeConversion.timestamp(date), timestamp <= TimeConversion.latest else {
                throw TTLStoreError(.invalidExpiry, "the expiry date lies beyond the year 9999", in: operation)
            }
            self = timestamp <= now ? .passed : .at(timestamp)
        }
    }

    /// For the column `expires_at`.
    var timestamp: Timestamp? {
        switch self {
        case .at(let timestamp): timestamp
        case .keep(let fallback): fallback
        case .never, .passed: nil
        }
    }

    var keeps: Bool {
        if case .keep = self { return true }
        return false
    }

    /// - Parameter what: the thing that lasts that long, for the error's message.
    static func timestamp(
        _ duration: Duration, now: Timestamp, of what: String = "the time to live", in operation: String
    ) throws(TTLStoreError) -> Timestamp {
        try TimeConversion.checkStorable(now, in: operation)
        guard let timestamp = TimeConversion.timestamp(duration, after: now) else {
            let reason = duration > .zero ? "leads beyond the year 9999" : "must be longer than zero"
            throw TTLStoreError(.invalidExpiry, "\(what) \(reason)", in: operation)
        }
        return timestamp
    }
}
