#if Sessions
/// The public name of a session: 12 random characters of base64url, for "log out this device" and for logs.
///
/// It opens nothing, means nothing, and stays the same when the token changes. Two of a million sessions have the same
/// one with a probability of 1 to 10 billion; within one subject it is never a question.
public struct SessionHandle: Hashable, Sendable, CustomStringConvertible {
    /// The characters.
    public let text: String

    private static let length = 12

    package static func make() -> SessionHandle { SessionHandle(unchecked: Base64URL.encode(RandomBytes.make(9))) }

    private init(unchecked text: String) { self.text = text }

    /// A handle that a form has sent or that storage has written; nil for a text that can't be one.
    public init?(_ text: some StringProtocol) {
        guard text.utf8.count == SessionHandle.length else { return nil }
        var text = String(text)
        guard text.withUTF8({ $0.allSatisfy(Base64URL.contains) }) else { return nil }
        self.text = text
    }

    /// The characters.
    public var description: String { text }
}
#endif
