#if Hummingbird
/// The data of a request's session, with a note of what the request has changed.
@dynamicMemberLookup
public struct SessionData<Session: Codable & Sendable>: Sendable {
    /// The application's data.
    var object: Session
    /// Whether the request has changed the data.
    var isEdited: Bool
    /// Whether the request has set `expiresIn`.
    var isExpiryEdited: Bool

    /// The time left until the session ends without further use. Set it for an idle timeout of this session alone, from
    /// now on; the absolute deadline stays.
    public var expiresIn: Duration? {
        didSet { isExpiryEdited = true }
    }

    /// New data.
    /// - Parameters:
    ///   - session: the data.
    ///   - expiresIn: an idle timeout for this session; nil for no change.
    public init(_ session: Session, expiresIn: Duration? = nil) {
        object = session
        isEdited = true
        isExpiryEdited = expiresIn != nil
        self.expiresIn = expiresIn
    }

    /// Data as it was loaded.
    init(loaded session: Session, remaining: Duration) {
        object = session
        isEdited = false
        isExpiryEdited = false
        expiresIn = remaining
    }

    /// The idle timeout that the request has set; nil for none.
    var newTimeout: Duration? { isExpiryEdited ? expiresIn : nil }

    var isChanged: Bool { isEdited || isExpiryEdited }

    mutating func noteNoChange() { (isEdited, isExpiryEdited) = (false, false) }

    mutating func noteChanges(of before: SessionData) {
        isEdited = isEdited || before.isEdited
        isExpiryEdited = isExpiryEdited || before.isExpiryEdited
    }

    /// A property of the data. Setting it marks the session as changed.
    public subscript<Member>(dynamicMember member: WritableKeyPath<Session, Member>) -> Member {
        get { object[keyPath: member] }
        set {
            object[keyPath: member] = newValue
            isEdited = true
        }
    }
}
#endif
