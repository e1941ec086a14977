#if Sessions
internal import Crypto

/// The SHA-256 of a token, by which storage finds its session. No token can be computed from it.
///
/// It opens no session, and is still no business of the user's: show a ``SessionHandle``.
public struct SessionID: Hashable, Sendable {
    /// 43 characters of base64url.
    public let text: String

    init(hashing token: String) {
        text = Base64URL.encode(SHA256.hash(data: Array(token.utf8)))
    }

    /// An identifier that storage has written; nil for any other text.
    public init?(_ text: some StringProtocol) {
        guard let text = Base64URL.canonical(text) else { return nil }
        self.text = text
    }
}
#endif
