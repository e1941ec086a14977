internal import CTTLSQLite
import Synchronization

/// Which state of the database the memory of reads stands for: the header of the wal-index at that state.
///
/// What was read between two equal headers holds as long as the header stays equal. The label is that header. An epoch
/// numbers the contents: entries of an older epoch are out of date. A commit of the store's own, and a log that is
/// begun anew, change the label and keep the epoch.
///
/// Readers compare without a lock, by a sequence number that is odd while the label changes or a commit of the store's
/// own runs. The lock is for those that change the label.
final class MemoryLabel: @unchecked Sendable {
    // Sendable: the lock guards `header`, `base` and `isClosed`; the words of `label` and the numbers are atomic.

    /// A moment at which the label was the header of the file.
    struct Stamp: Equatable {
        fileprivate let sequence: UInt64
        let epoch: Int
    }

    private let index: LogIndex
    private let label = UnsafeMutablePointer<ttl_log_header>.allocate(capacity: 1)
    private let sequence = Atomic<UInt64>(0)
    private let epoch = Atomic<Int>(0)

    private let lock = Lock()
    /// A copy of the label; nil where it stands for no state.
    private var header: LogHeader?
    /// The header under the write lock, while a commit of the store's own runs that began at the label.
    private var base: LogHeader?
    private var isClosed = false

    init(_ index: LogIndex) {
        self.index = index
        label.initialize(to: ttl_log_header())
    }

    deinit { label.deallocate() }

    // MARK: Readers

    /// The label, if it is the header at this moment; nil otherwise. Called while the mapping is certain to stay.
    func stamp() -> Stamp? {
        let before = sequence.load(ordering: .acquiring)
        guard before & 1 == 0 else { return nil }
        let epoch = epoch.load(ordering: .acquiring)
        // A label without words equals no header: its first word is 0.
        guard index.hasHeader(label), sequence.load(ordering: .acquiring) == before else { return nil }
        return Stamp(sequence: before, epoch: epoch)
    }

    /// Whether the label is still the one of the stamp, and the header.
    func isCurrent(_ stamp: Stamp) -> Bool {
        sequence.load(ordering: .acquiring) == stamp.sequence && index.hasHeader(label)
    }

    /// As `stamp()`, and takes over the header where that is another one: after a commit of another process.
    /// - Returns: nil while a commit of the store's own runs, and where the header can't be a label.
    func renewedStamp() -> Stamp? {
        lock.withLock {
            guard !isClosed, base == nil else { return nil }
            guard let found = index.header(), found.hasCommit else { return nil }
            if found != header { replace(by: found, keepsContent: header.map(found.isRestart) ?? false) }
            return Stamp(sequence: sequence.load(ordering: .relaxed), epoch: epoch.load(ordering: .relaxed))
        }
    }

    /// Whether the log has a commit, without which nothing can be remembered.
    var hasCommit: Bool { lock.withLock { !isClosed && index.header()?.hasCommit ?? true } }

    // MARK: Commits of the store's own

    /// Called with the write lock of the file, right before the COMMIT. From now on nothing is recalled or remembered.
    func beginCommit() {
        lock.withLock {
            guard !isClosed, let header, let found = index.header() else { return }
            // The transaction may have begun the log anew.
            guard found == header || found.isRestart(of: header) else { return }
            base = found
            sequence.add(1, ordering: .sequentiallyConsistent)
        }
    }

    /// Called after the COMMIT, or its failure.
    /// - Parameters:
    ///   - length: of the log after the commit, in frames.
    ///   - forget: takes out what the commit has changed; false if that is not known, and nothing may stay.
    func endCommit(length: Int, _ forget: () -> Bool) {
        lock.withLock {
            guard let base else { return }
            self.base = nil
            let found = index.header()
            // The write lock is free: others may have committed.
            let isOwn = found?.isCommit(after: base, length: length) ?? false
            let keepsContent = isOwn ? forget() : found == base
            header = found?.hasCommit ?? false ? found : nil
            ttl_store_label(label, header?.raw ?? ttl_log_header())
            if !keepsContent { epoch.add(1, ordering: .sequentiallyConsistent) }
            sequence.add(1, ordering: .sequentiallyConsistent)
        }
    }

    /// The lock is held, and no commit of the store's own runs.
    private func replace(by found: LogHeader, keepsContent: Bool) {
        sequence.add(1, ordering: .sequentiallyConsistent)
        header = found
        ttl_store_label(label, found.raw)
        if !keepsContent { epoch.add(1, ordering: .sequentiallyConsistent) }
        sequence.add(1, ordering: .sequentiallyConsistent)
    }

    /// From now on the label does not look at the index, whose mapping may go.
    func close() {
        lock.withLock {
            isClosed = true
            base = nil
        }
    }
}
