import TTLStore

/// Goes through a store page by page.
struct Listing {
    let selection: TTLStore.Selection
    /// At most that many; nil for all.
    let limit: Int?

    private static let pageLimit = 1000
    /// A page of entries holds their values: about that many bytes of them are wanted at a time.
    private static let pageBytes = 4 << 20

    func forEachKey(of store: TTLStore, _ body: (String) throws -> Void) throws {
        try forEach({ cursor, limit in try store.keys(of: selection, limit: limit, after: cursor) }) { page in
            try page.forEach(body)
            return Listing.pageLimit
        }
    }

    func forEachSummary(of store: TTLStore, _ body: (TTLStore.EntrySummary) throws -> Void) throws {
        try forEach({ cursor, limit in try store.summaries(of: selection, limit: limit, after: cursor) }) { page in
            try page.forEach(body)
            return Listing.pageLimit
        }
    }

    func forEachEntry(of store: TTLStore, _ body: (TTLStore.Entry) throws -> Void) throws {
        let read = { (cursor: TTLStore.Cursor?, limit: Int) in
            try store.entries(of: selection, limit: limit, after: cursor)
        }
        try forEach(read, firstLimit: 1) { page in
            try page.forEach(body)
            let bytes = page.reduce(0) { $0 + $1.value.rawBytes.count }
            return bytes > Listing.pageBytes ? max(1, page.count / 2) : min(page.count * 2, Listing.pageLimit)
        }
    }

    /// - Parameters:
    ///   - read: reads the page after a cursor.
    ///   - body: takes a page, and says how large the next one should be.
    private func forEach<Element>(
        _ read: (TTLStore.Cursor?, Int) throws -> TTLStore.Page<Element>, firstLimit: Int = pageLimit,
        _ body: ([Element]) throws -> Int
    ) throws {
        var rest = limit ?? .max
        var pageLimit = firstLimit
        var cursor: TTLStore.Cursor?
        while rest > 0 {
            let page = try read(cursor, min(rest, pageLimit))
            pageLimit = try body(page.elements)
            rest -= page.elements.count
            cursor = page.next
            if cursor == nil { return }
        }
    }
}
