internal import CTTLSQLite

extension Connection {
    /// After `duration`, ends the running statement of `body` with `SQLITE_INTERRUPT`, and later statements soon after
    /// they have begun.
    ///
    /// For work that a damaged file could make endless. Not for frequent work, since SQLite then asks now and then
    /// whether the time is over.
    func limitingTime(to duration: Milliseconds, _ body: () -> Void) {
        let limit = TimeLimit(end: .now + duration)
        // Unretained: the handler is removed before `limit` is freed.
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
