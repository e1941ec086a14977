/// How `getOrCompute` shares the work with other callers.
public struct ComputeOptions: Hashable, Sendable {
    /// How long the closure may take. After that its result is not stored any more, and somebody else may compute the
    /// value: where a process was killed while it computed, others wait for so long.
    public var leaseDuration: Duration
    /// How long to wait for a value that somebody else computes; zero for not at all.
    public var waitingAtMost: Duration

    /// Half a minute each, unless it is said otherwise.
    public init(leaseDuration: Duration = .seconds(30), waitingAtMost: Duration = .seconds(30)) {
        self.leaseDuration = leaseDuration
        self.waitingAtMost = waitingAtMost
    }
}
