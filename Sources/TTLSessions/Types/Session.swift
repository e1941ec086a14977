#if Sessions
#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// A session as it was when it was loaded or written, with its data.
///
/// Change `payload` and give the session to ``Sessions/save(_:when:)``.
public struct Session<Payload: Codable & Sendable>: Sendable {
    /// The application's data.
    public var payload: Payload
    /// All that is known of the session but its data.
    public let details: SessionDetails
    /// As storage has it.
    let stored: StoredSession
    /// The identifier by which it was loaded: in a grace period not the present one.
    let loadedID: SessionID

    /// The session's public name, for logs and for forms.
    public var handle: SessionHandle { details.handle }
    /// The user; nil for a session without.
    public var subject: String? { details.subject }

    /// Whether the browser sent the session's present token. False in the grace period of an old one: then its cookie
    /// must not be set again.
    public var hasPresentToken: Bool { loadedID == stored.id }

    /// Whether the subject authenticated within that time before the session was loaded: for actions that need more
    /// than a session, such as a change of the password. False for a session without a subject, and if the clock was
    /// set back behind the authentication.
    public func isFresh(within duration: Duration) -> Bool {
        guard let authenticatedAt = stored.record.authenticatedAt else { return false }
        let age = details.now - authenticatedAt
        return age >= 0 && age <= duration.milliseconds
    }
}

/// What a page with a user's sessions shows of one.
public struct SessionDetails: Hashable, Sendable {
    private let record: SessionRecord
    /// When the session was loaded, in milliseconds since 1970.
    let now: Int64
    /// Whether it is the session of the request.
    public let isCurrent: Bool

    init(_ record: SessionRecord, now: Int64, isCurrent: Bool) {
        self.record = record
        self.now = now
        self.isCurrent = isCurrent
    }

    /// The session's public name.
    public var handle: SessionHandle { record.handle }
    /// The user; nil for a session without.
    public var subject: String? { record.subject }
    /// The device, as the application described it. It comes from outside: escape it.
    public var client: SessionClient { record.client }
    /// Whether the cookie outlives the browser.
    public var isRemembered: Bool { record.isRemembered }
    /// When the session began.
    public var createdAt: Date { date(record.createdAt) }
    /// When the session was last used, to the precision of `useInterval`, or of an hour once `expiresAt` is `endsAt`.
    public var lastSeenAt: Date { date(record.lastSeenAt) }
    /// When the subject last authenticated; nil for a session without.
    public var authenticatedAt: Date? { record.authenticatedAt.map(date) }
    /// When the session ends if it is not used any more.
    public var expiresAt: Date { date(record.expiresAt) }
    /// When the session ends, however much it is used.
    public var endsAt: Date { date(record.endsAt) }
    /// The time left until `expiresAt` when the session was loaded; positive.
    public var remaining: Duration { .milliseconds(record.expiresAt - now) }

    /// The time left until `endsAt` when the session was loaded, in whole seconds: for a cookie's `Max-Age`.
    public var secondsUntilEnd: Int { Int(max(0, record.endsAt - now) / 1000) }

    private func date(_ milliseconds: Int64) -> Date { Date(timeIntervalSince1970: Double(milliseconds) / 1000) }
}

/// A session with a token that the browser has to get: after a login, a renewal, or the beginning of a session.
public struct IssuedSession<Payload: Codable & Sendable>: Sendable {
    /// The session with its new token.
    public let session: Session<Payload>
    /// For the cookie. It can't be had again.
    public let token: SessionToken
}
#endif
