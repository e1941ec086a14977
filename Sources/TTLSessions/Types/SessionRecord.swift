#if Sessions
/// A session as storage keeps it: everything but the token, with the payload as JSON.
///
/// Times are milliseconds since 1970-01-01T00:00:00Z. Only ``Sessions`` makes and changes records; an implementation
/// of ``SessionStorage`` keeps them as they are, for example by their `Codable` form.
public struct SessionRecord: Hashable, Sendable, Codable {
    /// The session's public name, which stays the same for its whole life.
    public package(set) var handle: SessionHandle
    /// The user, by whatever identifier the application has for one; nil for a session without.
    public package(set) var subject: String?
    /// When the session began.
    public package(set) var createdAt: Int64
    /// When the record was last written.
    public package(set) var writtenAt: Int64
    /// When the subject last authenticated; nil for a session without a subject.
    public package(set) var authenticatedAt: Int64?
    /// When the present token was made.
    public package(set) var tokenIssuedAt: Int64
    /// How long the session lasts without use, in milliseconds.
    public package(set) var idleTimeout: Int64
    /// When storage forgets the session: after `idleTimeout` without use, and at `endsAt` at the latest.
    public package(set) var expiresAt: Int64
    /// The absolute deadline.
    public package(set) var endsAt: Int64
    /// Whether the cookie outlives the browser.
    public package(set) var isRemembered: Bool
    /// What the application knows of the device.
    public package(set) var client: SessionClient
    /// Messages for the next page, oldest first.
    public package(set) var flash: [FlashMessage]
    /// The application's data, as JSON.
    public package(set) var payload: String

    package init(
        handle: SessionHandle, subject: String?, createdAt: Int64, writtenAt: Int64, authenticatedAt: Int64?,
        tokenIssuedAt: Int64, idleTimeout: Int64, expiresAt: Int64, endsAt: Int64, isRemembered: Bool,
        client: SessionClient, flash: [FlashMessage], payload: String
    ) {
        self.handle = handle
        self.subject = subject
        self.createdAt = createdAt
        self.writtenAt = writtenAt
        self.authenticatedAt = authenticatedAt
        self.tokenIssuedAt = tokenIssuedAt
        self.idleTimeout = idleTimeout
        self.expiresAt = expiresAt
        self.endsAt = endsAt
        self.isRemembered = isRemembered
        self.client = client
        self.flash = flash
        self.payload = payload
    }

    /// When the session was last used, up to ``SessionConfiguration/useInterval`` later in truth. A use moves
    /// `expiresAt`; once that has reached `endsAt`, and cannot move, `writtenAt` tells.
    public var lastSeenAt: Int64 { max(writtenAt, expiresAt - idleTimeout) }

    /// The use of the session at a time.
    mutating func noteUse(_ now: Int64) {
        writtenAt = max(now, writtenAt)
        expiresAt = deadline(now)
    }

    /// Adds messages for the next page. The last 20 stay: a page that nobody opens must not let the record grow.
    mutating func add(_ messages: [FlashMessage]) { flash = (flash + messages).suffix(20) }

    /// When the session expires if it is used now, and then no more.
    func deadline(_ now: Int64) -> Int64 { min(now + idleTimeout, endsAt) }
}

/// What a page with a user's sessions shows of a device. All of it comes from outside: escape it.
public struct SessionClient: Hashable, Sendable, Codable {
    /// A name for the device; nil for none.
    public var label: String?
    /// The header `User-Agent`; nil for none.
    public var userAgent: String?
    /// The network address; nil for none.
    public var address: String?

    /// Texts longer than 256 bytes of UTF-8 are cut off there.
    public init(label: String? = nil, userAgent: String? = nil, address: String? = nil) {
        self.label = label?.shortened(to: 256)
        self.userAgent = userAgent?.shortened(to: 256)
        self.address = address?.shortened(to: 256)
    }
}

extension String {
    /// - Parameter length: in bytes of UTF-8. A character that would be cut in two is left out.
    fileprivate func shortened(to length: Int) -> String {
        guard utf8.count > length else { return self }
        var end = utf8.index(utf8.startIndex, offsetBy: length)
        while end.samePosition(in: unicodeScalars) == nil { end = utf8.index(before: end) }
        return String(self[..<end])
    }
}

/// A message that is shown once, on the next page.
public struct FlashMessage: Hashable, Sendable, Codable {
    /// What sort of message, for example `info`: the page's style.
    public var kind: String
    /// The text.
    public var text: String

    /// A message of a kind. A text longer than 1024 bytes of UTF-8 is cut off there, and a kind longer than 64. A
    /// session keeps its last 20 messages.
    public init(_ text: String, kind: String = "info") {
        self.kind = kind.shortened(to: 64)
        self.text = text.shortened(to: 1024)
    }
}

extension SessionHandle: Codable {
    /// From a text.
    /// - Throws: `DecodingError` for a text that can't be a handle.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let handle = SessionHandle(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a session's handle")
        }
        self = handle
    }

    /// As a text.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}
#endif
