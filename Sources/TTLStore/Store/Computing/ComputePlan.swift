/// The next step of a caller of `getOrCompute`, given its latest sighting. Pure: the caller does the waiting and the
/// work.
struct ComputePlan {
    /// The value and the lease at one moment. The caller that computes the value holds the lease.
    enum Sighting: Equatable, Sendable {
        /// A live value that is not stale.
        case fresh(Value, writtenAt: Timestamp)
        /// A live value that is stale.
        case stale(Value, isHeld: Bool)
        case absent(isHeld: Bool)

        /// Whether a caller with this sighting should compute the value.
        var needsComputing: Bool {
            switch self {
            case .stale(_, isHeld: false), .absent(isHeld: false): true
            default: false
            }
        }
    }

    enum Step: Equatable {
        case serve(Value)
        /// Try to acquire the lease.
        case acquireLease
        /// Another process or another store computes the value: wait, and read again.
        case wait(Milliseconds)
        case giveUp
    }

    /// Short at first, for values that are computed fast; later so long that waiting costs little.
    static let pauses: ClosedRange<Milliseconds> = 1...20

    /// The longest time to wait in all.
    private let patience: Milliseconds
    private var pause = pauses.lowerBound

    init(patience: Milliseconds) { self.patience = patience }

    /// - Parameter waited: how much time has passed since it was read first.
    mutating func next(_ sighting: Sighting, waited: Milliseconds) -> Step {
        if sighting.needsComputing { return .acquireLease }
        switch sighting {
        case .fresh(let value, _), .stale(let value, _): return .serve(value)
        case .absent:
            guard waited < patience else { return .giveUp }
            defer { pause = min(pause * 2, ComputePlan.pauses.upperBound) }
            return .wait(min(pause, patience - waited))
        }
    }
}
