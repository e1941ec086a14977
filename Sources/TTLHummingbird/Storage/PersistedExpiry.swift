#if Hummingbird
#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif
import TTLStore

extension TTLStore.Expiry {
    /// What `expires` of the protocol means. Nil keeps the expiry of a live entry; for a new entry the store takes it
    /// for its default. The store refuses a duration of zero, but removes the entry for a date that has passed.
    static func persisting(_ expires: Duration?) -> TTLStore.Expiry {
        guard let expires else { return .keep }
        return expires > .zero ? .after(expires) : .at(.distantPast)
    }

    /// 9999-12-31T23:59:59.999Z, the last millisecond that the file takes.
    static let latest = TTLStore.Expiry.at(Date(timeIntervalSince1970: 253_402_300_799.999))
}
#endif
