/// Whether a store is open, and who closes it. A value: `ClosingGate` has the lock around it.
///
/// Closing waits for the program's own code that runs inside the store: the closure of a transaction, a `progress`
/// closure, a callback on the store's thread. So a thread that runs such code, or is one of the store's own, only asks
/// for closing. It closes the store itself when it leaves, unless a thread of the store's own has ended before.
struct ClosingState {
    enum Phase {
        case open
        /// A thread inside has asked for closing.
        case asked
        case closing
        case closed
    }

    /// What the caller does.
    enum Answer {
        /// Close the store.
        case close
        /// Wait until it is closed.
        case wait
        case nothing
    }

    private(set) var phase = Phase.open
    /// The threads inside, each as often as it has entered.
    private var inside: [UInt] = []
    /// The threads inside that have asked for closing.
    private var askers: Set<UInt> = []

    /// A thread begins to run code for which closing waits, or a thread of the store's own begins.
    mutating func enter(_ thread: UInt) { inside.append(thread) }

    /// The code has returned, or the thread of the store's own ends.
    /// - Parameter isOwn: true for a thread of the store's own, which the closing thread joins.
    mutating func leave(_ thread: UInt, isOwn: Bool = false) -> Answer {
        if let index = inside.lastIndex(of: thread) { inside.remove(at: index) }
        guard !inside.contains(thread) else { return .nothing }
        let hasAsked = askers.remove(thread) != nil
        switch phase {
        case .open, .closed: return .nothing
        case .asked:
            // A thread that has not asked must not wait for the code of the thread that has.
            guard hasAsked || isOwn else { return .nothing }
            phase = .closing
            return .close
        case .closing: return hasAsked && !isOwn ? .wait : .nothing
        }
    }

    /// A thread wants the store to be closed.
    /// - Parameter thread: nil for a task.
    mutating func close(_ thread: UInt?) -> Answer {
        let isInside = thread.map(inside.contains) ?? false
        if isInside, let thread { askers.insert(thread) }
        switch phase {
        case .open, .asked:
            phase = isInside ? .asked : .closing
            return isInside ? .nothing : .close
        case .closing: return isInside ? .nothing : .wait
        case .closed: return .nothing
        }
    }

    mutating func closed() { phase = .closed }

    func hasAsked(_ thread: UInt) -> Bool { askers.contains(thread) }
}
