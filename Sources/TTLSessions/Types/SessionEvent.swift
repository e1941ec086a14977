#if Sessions
/// Something that happened to a session, for a log. It holds no token, no subject and no payload.
public struct SessionEvent: Hashable, Sendable {
    /// What happened. More may be added, so a `switch` over kinds needs a `default`.
    public struct Kind: Hashable, Sendable, CustomStringConvertible {
        private enum Name: String {
            case created, authenticated, tokenRenewed, ended, timedOut, unknownToken, malformedToken
        }

        private let name: Name

        /// The kind's name, e.g. `created`.
        public var description: String { name.rawValue }

        /// A session began.
        public static let created = Kind(name: .created)
        /// A subject authenticated, and the session got another token.
        public static let authenticated = Kind(name: .authenticated)
        /// The session got another token, because of the old one's age or because the application asked for it.
        public static let tokenRenewed = Kind(name: .tokenRenewed)
        /// The session was ended: by a logout, by another session of the subject, by an administrator, or because the
        /// subject had too many. The handle is nil if it was one of many.
        public static let ended = Kind(name: .ended)
        /// The session's idle or absolute timeout is over. Reported by the process that deletes the row, up to minutes
        /// later, and only while ``Sessions/reportTimeouts()`` runs.
        public static let timedOut = Kind(name: .timedOut)
        /// A token was sent that has the right form and opens no session. It has ended, or somebody is trying.
        public static let unknownToken = Kind(name: .unknownToken)
        /// A text was sent as a token that no server has made.
        public static let malformedToken = Kind(name: .malformedToken)
    }

    /// What happened.
    public let kind: Kind
    /// The session's handle; nil if there is no session, or more than one.
    public let handle: SessionHandle?
    /// How many sessions; 0 for an unknown or malformed token.
    public let count: Int

    init(_ kind: Kind, _ handle: SessionHandle? = nil, count: Int? = nil) {
        self.kind = kind
        self.handle = handle
        self.count = count ?? (handle == nil ? 0 : 1)
    }
}
#endif
