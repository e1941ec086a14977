import TTLStore

/// Removes stored runs. What unstored ones have left goes with them, and does not count.
struct Forgetting {
    let location: StoreLocation
    let quiet: QuietOption

    /// - Throws: exit status 1 where there is no such run.
    func one(_ key: String) throws {
        try report(
            try location.withStore(for: .changing, missing: 0) { store in
                try store.remove(UnstoredRun.key(key))
                return try store.remove(key) ? 1 : 0
            })
    }

    /// - Parameters:
    ///   - program: whose runs; nil for all programs.
    ///   - scope: in which scope; nil for all, and for runs without one.
    /// - Throws: exit status 1 where there are none.
    func all(of program: String?, scope: String?) throws {
        let prefix = program.map(RunKey.prefix(of:)) ?? RunKey.prefix
        try report(
            try location.withStore(for: .changing, missing: 0) { store in
                guard let scope else {
                    try store.removeAll(.prefix(UnstoredRun.key(prefix)))
                    return try store.removeAll(.prefix(prefix))
                }
                let tag = RunKey.tag(scope: scope)
                _ = try remove(tag: UnstoredRun.tag(tag), UnstoredRun.key(prefix), from: store)
                return try remove(tag: tag, prefix, from: store)
            })
    }

    private func remove(tag: String, _ prefix: String, from store: TTLStore) throws -> Int {
        var (count, cursor) = (0, TTLStore.Cursor?.none)
        repeat {
            let page = try store.keys(.tag(tag), after: cursor)
            count += try store.removeAll(page.elements.filter { $0.hasPrefix(prefix) })
            cursor = page.next
        } while cursor != nil
        return count
    }

    private func report(_ count: Int) throws {
        try quiet.print(line: String(count))
        if count == 0 { throw Ending.notFound }
    }
}
