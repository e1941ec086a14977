internal import CTTLSQLite
import Synchronization

/// The length of the log after the latest commit of a connection, in frames of one page each.
final class LogGauge: Sendable {
    private let count = Atomic<Int>(0)
    private let commitCount = Atomic<Int>(0)
    private let checkpointCount = Atomic<Int>(0)

    var frames: Int { count.load(ordering: .relaxed) }
    /// How many commits have written to the log.
    var commits: Int { commitCount.load(ordering: .relaxed) }

    /// How often a checkpoint of the store has begun or ended: odd while one runs.
    var checkpointMarks: Int { checkpointCount.load(ordering: .acquiring) }

    func markCheckpoint() { checkpointCount.add(1, ordering: .acquiringAndReleasing) }

    func set(_ frames: Int) { count.store(frames, ordering: .relaxed) }

    fileprivate func committed(_ frames: Int) {
        commitCount.add(1, ordering: .relaxed)
        set(frames)
    }

    /// Replaces SQLite's automatic checkpoints, which use the same hook.
    func attach(to connection: Connection) {
        // Unretained: the owner of the connection keeps the gauge for at least as long.
        sqlite3_wal_hook(connection.handle, noteCommit, Unmanaged.passUnretained(self).toOpaque())
    }
}

private func noteCommit(
    _ context: UnsafeMutableRawPointer?, _ connection: OpaquePointer?, _ name: UnsafePointer<CChar>?, _ frames: Int32
) -> Int32 {
    if let context { Unmanaged<LogGauge>.fromOpaque(context).takeUnretainedValue().committed(Int(frames)) }
    return SQLITE_OK
}
