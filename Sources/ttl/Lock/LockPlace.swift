/// A place in a lock, as the name of a lease: `deploy`, `deploy [2 of 3]`, `deploy [shared 1]`, `deploy [waiting 4]`.
///
/// A program that acquires the lease `deploy` itself holds the lock as a whole.
struct LockPlace: Equatable {
    enum Role: Equatable {
        case whole
        case slot(Int, of: Int)
        case shared(Int)
        case waiting(Int)
    }

    let lock: String
    let role: Role

    /// In bytes: with the longest role it still is the name of a lease.
    static let longestName = 1000

    init(_ lock: String, _ role: Role) {
        self.lock = lock
        self.role = role
    }

    /// What the names of all places but the whole begin with.
    static func prefix(of lock: String) -> String { "\(lock) [" }

    var leaseName: String {
        switch role {
        case .whole: lock
        case .slot(let number, let count): "\(lock) [\(number) of \(count)]"
        case .shared(let number): "\(lock) [shared \(number)]"
        case .waiting(let number): "\(lock) [waiting \(number)]"
        }
    }

    /// Any name of a lease: one that has no role at its end is a whole lock.
    init(leaseName name: String) {
        guard name.utf8.last == UInt8(ascii: "]"), let bracket = name.utf8.lastIndex(of: UInt8(ascii: "[")),
            name.utf8[..<bracket].last == UInt8(ascii: " "),
            let role = LockPlace.role(name[name.utf8.index(after: bracket)...].dropLast())
        else {
            self.init(name, .whole)
            return
        }
        self.init(String(name[..<name.utf8.index(before: bracket)]), role)
    }

    private static func role(_ text: Substring) -> Role? {
        let words = text.split(separator: " ", omittingEmptySubsequences: false)
        switch words.count {
        case 2:
            guard let number = parsed(words[1]) else { return nil }
            return words[0] == "shared" ? .shared(number) : words[0] == "waiting" ? .waiting(number) : nil
        case 3:
            guard words[1] == "of", let number = parsed(words[0]), let count = parsed(words[2]) else { return nil }
            return .slot(number, of: count)
        default: return nil
        }
    }

    private static func parsed(_ text: Substring) -> Int? {
        text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ? Int(text) : nil
    }
}

extension LockPlace.Role {
    /// How many holders there may be while this one is among them; nil for one that waits.
    var limit: Int? {
        switch self {
        case .whole: 1
        case .slot(_, let count): count
        case .shared: .max
        case .waiting: nil
        }
    }
}
