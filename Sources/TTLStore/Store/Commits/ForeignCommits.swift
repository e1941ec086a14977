/// Notices commits of other connections: of other processes, and of other stores of this one. It belongs to the holder
/// of the turn.
///
/// Every commit that writes raises `iChange` in the header of the wal-index by one, and no other write touches it but
/// recovery after a crash. Under the write lock the header stays as it is. So a number that has grown by more than the
/// store's own commits tells of others.
struct ForeignCommits {
    private let connection: Connection
    private let gauge: LogGauge?
    private var index: LogIndex?
    /// The number and the count of own commits when the store's last transaction began.
    private var last: (change: UInt32, ownCommits: Int)?
    /// When one was last noticed; nil if none was since the store's first transaction.
    private(set) var lastSeen: MonotonicTime?

    init(_ connection: Connection, _ gauge: LogGauge?) {
        self.connection = connection
        self.gauge = gauge
    }

    /// Called at the begin of a transaction, with the write lock.
    mutating func look() {
        guard let gauge else { return }
        if index == nil { index = LogIndex(connection) }
        guard let index else { return lastSeen = .now }
        let (change, own) = (index.change, gauge.commits)
        if let last, change != last.change &+ UInt32(truncatingIfNeeded: own - last.ownCommits) { lastSeen = .now }
        last = (change, own)
    }
}
