import Synchronization

/// How large the store is, kept in memory: counting the rows would cost each write as much as all rows before it.
///
/// The rows are counted now and then, and what this store has committed since is added. What others have written is
/// known with the next count. The pages are those of the writer's latest look, which is exact across processes.
final class SizeGauge: Sendable {
    let limits: Limits
    private let rows = Atomic<Int>(0)
    private let isCounted = Atomic<Bool>(false)
    private let correctionCount = Atomic<Int>(0)
    private let pages = Atomic<Int>(0)
    /// `PRAGMA data_version` of the writing connection when the rows were last counted: it changes when others write.
    private let version = Atomic<Int64>(-1)

    init(_ limits: Limits) { self.limits = limits }

    var size: Limits.Size {
        Limits.Size(
            entries: isCounted.load(ordering: .acquiring) ? rows.load(ordering: .relaxed) : nil,
            pages: pages.load(ordering: .relaxed))
    }

    /// What this store's commits have added up to; a number to compare with a later one.
    var rowsSoFar: Int { rows.load(ordering: .relaxed) }

    func addRows(_ count: Int) { rows.add(count, ordering: .relaxed) }

    func setPages(_ used: Int) { pages.store(used, ordering: .relaxed) }

    func isOutdated(_ current: Int64) -> Bool { version.load(ordering: .relaxed) != current }

    /// That version has the same rows as the one in which they were counted.
    func adopt(_ current: Int64) { version.store(current, ordering: .relaxed) }

    /// How often the rows were counted.
    var corrections: Int { correctionCount.load(ordering: .relaxed) }

    /// By the holder of the turn.
    /// - Parameters:
    ///   - counted: the rows that were found.
    ///   - before: `rowsSoFar` as of the snapshot in which they were counted.
    func correct(counted: Int, before: Int, version current: Int64) {
        correctionCount.add(1, ordering: .relaxed)
        rows.add(counted - before, ordering: .relaxed)
        version.store(current, ordering: .relaxed)
        isCounted.store(true, ordering: .releasing)
    }
}
