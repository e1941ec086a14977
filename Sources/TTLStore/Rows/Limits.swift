/// How large a store may become. Pure: it compares numbers.
struct Limits: Equatable, Sendable {
    /// The most entries; nil for any number.
    let entries: Int?
    /// The most pages in use; nil for any number.
    let pages: Int?

    /// How large a file is, in the units of the limits.
    struct Size: Equatable, Sendable {
        /// Rows, expired ones among them; nil as long as they have not been counted.
        var entries: Int?
        /// Pages in use.
        var pages = 0
    }

    /// The size at which an eviction begins or ends.
    enum Level {
        /// Where an eviction ends: a little below the limit, so that the next set doesn't call for another one.
        case goal
        /// Where the expirer begins to evict, and a writer where there is no expirer.
        case limit
        /// Where writers help, since the expirer can't keep up.
        case margin

        func bound(_ limit: Int) -> Int {
            switch self {
            case .goal: limit - limit / 64
            case .limit: limit
            case .margin: limit.addingReportingOverflow(limit / 8).overflow ? .max : limit + limit / 8
            }
        }
    }

    /// Nil if nothing is limited.
    init?(_ configuration: TTLStore.Configuration, pageSize: Int) {
        entries = configuration.maximumEntries
        pages = configuration.maximumBytes.map { $0 / pageSize }
        if entries == nil, pages == nil { return nil }
    }

    func isExceeded(_ level: Level, by size: Size) -> Bool {
        excessEntries(level, size) > 0 || excessPages(level, size) > 0
    }

    /// Whether there are too many pages, whatever the number of entries.
    func isTooLarge(_ level: Level, _ size: Size) -> Bool { excessPages(level, size) > 0 }

    /// How many entries to evict, of at most `width`. How many pages an entry frees is not known, so too many pages
    /// call for all of `width`.
    func evictions(to level: Level, from size: Size, width: Int) -> Int {
        excessPages(level, size) > 0 ? width : min(width, max(0, excessEntries(level, size)))
    }

    private func excessEntries(_ level: Level, _ size: Size) -> Int {
        guard let entries, let count = size.entries else { return 0 }
        return count - level.bound(entries)
    }

    private func excessPages(_ level: Level, _ size: Size) -> Int {
        pages.map { size.pages - level.bound($0) } ?? 0
    }
}
