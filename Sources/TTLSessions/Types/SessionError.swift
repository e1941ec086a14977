#if Sessions
/// Why an operation on sessions was refused, in one line, without a token, a subject or a payload. Nothing was changed.
///
/// Errors of storage are thrown as they are: for a store, `TTLStoreError`.
public struct SessionError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kind of failure.
    public var code: Code
    /// One line for a person.
    public var message: String

    /// `ended: the session has ended, and nothing was saved`
    public var description: String { "\(code): \(message)" }

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// A kind of failure. More may be added, so a `switch` over codes needs a `default`.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        private enum Kind: String {
            case ended, changed, busy, payloadTooLarge, invalidPayload, unreadablePayload, invalidSubject
            case invalidConfiguration, invalidExpiry
        }

        private let kind: Kind

        /// The code's name, e.g. `ended`.
        public var description: String { kind.rawValue }

        /// The session was ended, has timed out or has another token by now. It is never made anew.
        public static let ended = Code(kind: .ended)
        /// The session was written since it was loaded, and the operation asked for the contrary.
        public static let changed = Code(kind: .changed)
        /// Other requests of the session had exclusive access, or kept changing it, for too long.
        public static let busy = Code(kind: .busy)
        /// The payload is larger than `SessionConfiguration.maximumPayloadSize`.
        public static let payloadTooLarge = Code(kind: .payloadTooLarge)
        /// The payload, or a flash message, can't be written as JSON.
        public static let invalidPayload = Code(kind: .invalidPayload)
        /// The stored payload is of another type, or was edited to something else.
        public static let unreadablePayload = Code(kind: .unreadablePayload)
        /// The subject is empty or longer than 512 bytes of UTF-8, or the session belongs to another one.
        public static let invalidSubject = Code(kind: .invalidSubject)
        /// A setting is out of its range.
        public static let invalidConfiguration = Code(kind: .invalidConfiguration)
        /// A timeout of one session is zero or less, or ends beyond the year 9999.
        public static let invalidExpiry = Code(kind: .invalidExpiry)
    }

    static let ended = SessionError(.ended, "the session has ended, and nothing was saved")
    static let changed = SessionError(.changed, "the session was changed meanwhile, and nothing was saved")
}
#endif
