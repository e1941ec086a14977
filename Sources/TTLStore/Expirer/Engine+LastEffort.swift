extension EntryWriter {
    /// A transaction of a closing store, on a writer that nobody else uses any more.
    func inLastTransaction<Success>(_ body: () throws -> Success) throws -> Success {
        try connection.execute("BEGIN IMMEDIATE")
        do {
            let success = try body()
            try connection.execute("COMMIT")
            noteCommit()
            _ = removals.publish()
            return success
        } catch {
            try? connection.execute("ROLLBACK")
            forget()
            throw error
        }
    }
}

extension Engine {
    /// A process that lives for milliseconds never wakes its thread, and still keeps its file from growing for ever.
    /// Nothing here waits for a lock, since `stop` is set.
    func lastEffort(_ writer: EntryWriter) {
        guard configuration.purging == .automatic else { return }
        var pages: FilePages?
        var purge = Purge(clock: clock)
        if let result = try? purge.runLastBatch(writer), result.count > 0 { pages = result.pages }
        var eviction = Eviction(clock: clock)
        if let result = try? eviction.runLastBatch(writer), result.count > 0 { pages = result.pages }
        if let pages, pages.free > ExpirerPlan.spareLimit(pages) {
            _ = try? FilePages.shrink(writer.connection, for: Purge.budget / 2)
        }
    }
}
