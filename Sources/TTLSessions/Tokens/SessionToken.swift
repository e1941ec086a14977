#if Sessions
/// What the browser keeps: 32 bytes of the system's random generator, as 43 characters of base64url.
///
/// A token is made by the server only, and stored nowhere: storage knows its ``SessionID``. Descriptions of a token,
/// also in a dump or a debugger's print, don't show it.
public struct SessionToken: Hashable, Sendable {
    /// The characters, for the cookie and for nothing else.
    public let text: String

    /// A new token: 256 bits of `SystemRandomNumberGenerator`, which is the kernel's on all supported platforms.
    package static func make() -> SessionToken {
        SessionToken(text: Base64URL.encode(RandomBytes.make(Base64URL.byteCount)))
    }

    private init(text: String) { self.text = text }

    /// A token that a browser has sent; nil for a text that no server of this library has made. Looks at the length
    /// first, and allocates nothing for a wrong one.
    public init?(_ text: some StringProtocol) {
        guard let text = Base64URL.canonical(text) else { return nil }
        self.text = text
    }

    /// What storage knows of the token. Hashes 43 bytes.
    public var id: SessionID { SessionID(hashing: text) }
}

extension SessionToken: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// `SessionToken(not shown)`
    public var description: String { "SessionToken(not shown)" }
    /// `SessionToken(not shown)`
    public var debugDescription: String { description }
    /// Without children.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
#endif
