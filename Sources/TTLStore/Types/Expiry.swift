#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

extension TTLStore {
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
        /// At a date, rounded up to a millisecond. One that has passed removes the entry: an expired entry is never
        /// stored. One beyond the year 9999, or NaN, is `invalidExpiry`.
        case at(Date)
        /// The expiry that the live entry has now. For an absent or expired entry it means `default`; so it does in a
        /// set with `.ifAbsent` and in `increment`, where only a new entry gets an expiry. In a touch it changes
        /// nothing.
        case keep
    }
}

extension TTLStore.Expiry {
    /// Short for `.after(.seconds(count))`.
    public static func seconds(_ count: Int) -> TTLStore.Expiry { after(.seconds(count)) }
    /// Minutes of 60 seconds each.
    public static func minutes(_ count: Int) -> TTLStore.Expiry { after(count, times: 60) }
    /// Hours of 60 minutes each.
    public static func hours(_ count: Int) -> TTLStore.Expiry { after(count, times: 3600) }
    /// Days of 24 hours each, whatever the calendar says.
    public static func days(_ count: Int) -> TTLStore.Expiry { after(count, times: 86_400) }

    /// Capped: a product that overflows leads beyond the year 9999 as well, and is refused for that.
    private static func after(_ count: Int, times unit: Int) -> TTLStore.Expiry {
        let (seconds, overflow) = count.multipliedReportingOverflow(by: unit)
        return .after(.seconds(overflow ? (count < 0 ? Int.min : Int.max) : seconds))
    }
}
