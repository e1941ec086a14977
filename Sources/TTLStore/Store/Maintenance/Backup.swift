internal import CTTLSQLite

/// Copies a store into a file of its own.
struct Backup {
    let run: MaintenanceRun
    let source: Connection
    let destination: BackupDestination
    /// Throws if the copy can't be used.
    let checkSource: () throws -> Void

    /// One mebibyte takes a few milliseconds, after which the backup asks whether to go on.
    private static let pagesPerStep: Int32 = 256
    /// The copy is flushed in steps: one flush of everything at the end could make `close()` wait.
    private static let stepsPerFlush = 8

    func perform() throws {
        try destination.create()
        do {
            try copy()
            try run.proceed()
            try checkSource()
            try destination.publish()
        } catch {
            destination.discard()
            throw error
        }
    }

    private func copy() throws {
        // One snapshot serves all steps. Without it a writer between two of them would make SQLite begin again.
        try source.execute("BEGIN")
        defer { try? source.execute("ROLLBACK") }
        _ = try source.integer("SELECT count(*) FROM sqlite_schema")
        let open = { () throws(SQLiteError) in try destination.open() }
        try run.withConnection(open) { target in
            let pages = try PageCopy(from: source, to: target)
            var steps = 0
            var isDone = false
            while !isDone {
                isDone = try pages.copy(pages: Backup.pagesPerStep)
                steps += 1
                if steps % Backup.stepsPerFlush == 0 { try target.flush(SQLITE_FCNTL_FILE_POINTER) }
                try run.report(pages.progress)
            }
            try pages.finish()
            try target.flush(SQLITE_FCNTL_FILE_POINTER)
        }
    }
}
