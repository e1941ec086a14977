/// The size of the file in pages.
struct FilePages: Equatable {
    var total = 0
    var free = 0

    var used: Int { total - free }
    /// The free pages to keep for the next entries: an eighth of the file saves a busy store from shrinking and growing
    /// in turn.
    var spareLimit: Int { max(64, used / 8) }

    init() {}

    /// - Parameters:
    ///   - total: `PRAGMA page_count`.
    ///   - free: `PRAGMA freelist_count`, as the header says, which may be damaged.
    init(total: Int?, free: Int?) {
        self.total = total ?? 0
        self.free = max(0, min(free ?? 0, self.total))
    }

    init(_ connection: Connection) throws(SQLiteError) {
        self.init(
            total: try connection.count("PRAGMA page_count"), free: try connection.count("PRAGMA freelist_count"))
    }

    /// Moves free pages to the end of the file and cuts them off, for about `budget`.
    /// - Returns: the pages before and after.
    static func shrink(
        _ connection: Connection, for budget: Milliseconds
    ) throws(SQLiteError) -> (before: FilePages, after: FilePages) {
        let begun = MonotonicTime.now
        let before = try FilePages(connection)
        var after = before
        repeat {
            let step = min(32, after.free - after.spareLimit)
            guard step > 0 else { break }
            try connection.execute("PRAGMA incremental_vacuum(\(step))")
            after = try FilePages(connection)
        } while MonotonicTime.now.milliseconds(since: begun) < budget
        return (before, after)
    }
}
