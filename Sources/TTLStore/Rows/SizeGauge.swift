import Synchronization

/// The size of the store after its latest commit, for other threads: a copy of the knowledge of the turn's holder.
final class SizeGauge: Sendable {
    let limits: Limits
    private static let unknown = -1
    private let rows = Atomic<Int>(SizeGauge.unknown)
    private let pages = Atomic<Int>(0)

    init(_ limits: Limits) { self.limits = limits }

    var size: Limits.Size {
        let rows = rows.load(ordering: .relaxed)
        return Limits.Size(
            entries: rows == SizeGauge.unknown ? nil : rows, pages: pages.load(ordering: .relaxed))
    }

    /// Called by the holder of the turn.
    func setRows(_ count: Int) { rows.store(max(0, count), ordering: .relaxed) }

    /// The pages of the latest look at the file, which is exact across processes.
    func setPages(_ used: Int) { pages.store(used, ordering: .relaxed) }
}
