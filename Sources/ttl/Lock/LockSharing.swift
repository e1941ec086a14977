/// With how many others a holder shares a lock.
enum LockSharing: Equatable {
    case exclusive
    /// At most that many at once.
    case slots(Int)
    /// Any number of those that share it as well.
    case shared

    /// The most slots: each holder looks at all others.
    static let maximumSlots = 1000

    /// How many holders there may be while this one is among them.
    var limit: Int {
        switch self {
        case .exclusive: 1
        case .slots(let count): count
        case .shared: .max
        }
    }
}
