#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// When an entry expires.
///
/// An entry is live as long as `now < expiresAt`; at `expiresAt` itself it is gone. Times are kept in whole
/// milliseconds: a duration is rounded up.
public enum Expiry: Hashable, Sendable {
    /// After `Configuration.defaultTimeToLive`, or never if that is nil.
    case `default`
    /// Lives until it is removed.
    case never
    /// That long from now. Zero, a negative duration, and one that leads beyond the year 9999 are errors
    /// (`TTLStoreError.Code.invalidExpiry`).
    case after(Duration)
    /// At a date, rounded up to a millisecond. One that has passed removes the entry: an expired entry is never stored.
    /// One beyond the year 9999, or NaN, is `invalidExpiry`.
    case at(Date)
    /// What the live entry has now. For an entry that is absent or expired, the same as `default`; and so wherever only
    /// a new entry gets an expiry: in a set with `.ifAbsent`, and in `increment`. In a touch it changes nothing.
    case keep
}
