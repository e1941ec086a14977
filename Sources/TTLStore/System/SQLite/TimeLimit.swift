internal import CTTLSQLite

extension Connection {
    /// Ends the statements of `body` that are still running after `duration`, with `SQLITE_INTERRUPT`, and the later
    /// ones soon after they have begun.
    ///
    /// For work that a damaged file could make endless, and not for frequent work: SQLite asks now and then whether the
    /// time is over.
    func limitingTime(to duration: Milliseconds, _ body: () -> Void) {
        let limit = TimeLimit(end: .now + duration)
        // Unretained: the handler is gone before `limit` is.
        sqlite3_progress_handler(
            handle, TimeLimit.stepsPerQuestion, askWhetherTimeIsOver, Unmanaged.passUnretained(limit).toOpaque())
        defer { withExtendedLifetime(limit) { sqlite3_progress_handler(handle, 0, nil, nil) } }
        body()
    }
}

private final class TimeLimit {
    /// In steps of SQLite's virtual machine: some ten microseconds' worth.
    static let stepsPerQuestion: Int32 = 1000

    let end: MonotonicTime

    init(end: MonotonicTime) { self.end = end }
}

private func askWhetherTimeIsOver(_ context: UnsafeMutableRawPointer?) -> Int32 {
    guard let context else { return 0 }
    return Unmanaged<TimeLimit>.fromOpaque(context).takeUnretainedValue().end <= .now ? 1 : 0
}
