/// A wait for a run of another process.
struct RunWait {
    /// The token of the first run that was waited for: what it and later ones leave is young enough, since they have
    /// ended after this process asked. Nil before there was one.
    private(set) var first: Int64?
    private var latest: Int64?
    private let start = ContinuousClock.now

    /// For how long it has lasted.
    var duration: Duration { first == nil ? .zero : ContinuousClock.now - start }

    /// - Parameter holder: the token of the run that is under way, or nil.
    /// - Returns: whether a run that was waited for has ended.
    mutating func note(_ holder: Int64?) -> Bool {
        let hasEnded = first != nil && holder != latest
        (first, latest) = (first ?? holder, holder)
        return hasEnded
    }
}
