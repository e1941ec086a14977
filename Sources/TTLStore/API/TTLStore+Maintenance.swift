extension TTLStore {
    // MARK: Backup

    /// Copies the store into a new file, while reads and writes go on.
    ///
    /// The copy is the state of one moment, the beginning, and a store of its own: entries, expired ones not yet
    /// deleted included, keep expiries, revisions and tags. It is written page by page into a temporary file
    /// (`.ttl-backup-…`, mode 0600) in the destination's folder, flushed to the disk, and given its name at the end: at
    /// no time is there half a backup under that name. An existing file is left as it is.
    ///
    /// O(size of the file). SQLite can't begin the log anew meanwhile, so the log grows with each write. A store in
    /// memory serves no other operation meanwhile: reads and writes wait up to `Configuration.busyTimeout` and then
    /// throw `busy`.
    /// - Parameters:
    ///   - path: where the new file goes, in a folder that exists.
    ///   - progress: called on this thread after every 256 pages, or 1 MiB. An error that it throws cancels the backup,
    ///     which throws it to the caller. It may use the store, if that is not in memory; if it closes the store, the
    ///     backup ends with `closed` and closes it then.
    /// - Throws: `fileExists` if there is something at the path, even a symbolic link that leads nowhere, or the log of
    ///   a database that was there; `invalidArgument` for the names of the store's own log; `cannotOpen` for a missing
    ///   folder; `permissionDenied`, `diskFull`, `ioError`; `closed` if the store is closed meanwhile. Then the backup
    ///   leaves nothing behind.
    public func backup(to path: String, progress: ((Progress) throws -> Void)? = nil) throws {
        let run = MaintenanceRun("backup", stop: engine.stop, progress: progress)
        try engine.maintain(run) { run in try engine.backup(to: path, run) }
    }

    /// Copies the store into a new file, while reads and writes go on.
    ///
    /// The copy is the state of one moment, the beginning, and a store of its own: entries, expired ones not yet
    /// deleted included, keep expiries, revisions and tags. It is written page by page into a temporary file
    /// (`.ttl-backup-…`, mode 0600) in the destination's folder, flushed to the disk, and given its name at the end: at
    /// no time is there half a backup under that name. An existing file is left as it is.
    ///
    /// O(size of the file). SQLite can't begin the log anew meanwhile, so the log grows with each write. A store in
    /// memory serves no other operation meanwhile: reads and writes wait up to `Configuration.busyTimeout` and then
    /// throw `busy`.
    ///
    /// Suspends the task, and runs on a thread of the store's own. Two such operations run at the same time; others
    /// wait for up to `Configuration.busyTimeout`, then throw `busy`.
    /// - Parameters:
    ///   - path: where the new file goes, in a folder that exists.
    ///   - progress: called on that thread after every 256 pages, or 1 MiB. An error that it throws cancels the backup,
    ///     which throws it to the caller. It may use the store, if that is not in memory; if it closes the store, the
    ///     backup ends with `closed` and closes it then.
    /// - Throws: `fileExists` if there is something at the path, even a symbolic link that leads nowhere, or the log of
    ///   a database that was there; `invalidArgument` for the names of the store's own log; `cannotOpen` for a missing
    ///   folder; `permissionDenied`, `diskFull`, `ioError`; `closed` if the store is closed meanwhile;
    ///   `CancellationError` soon after the task was cancelled. Then the backup leaves nothing behind.
    public func backup(to path: String, progress: (@Sendable (Progress) throws -> Void)? = nil) async throws {
        let run = MaintenanceRun("backup", stop: engine.stop, progress: progress)
        try await engine.maintain(run) { [engine] run in try engine.backup(to: path, run) }
    }

    // MARK: Check

    /// Looks for damage in the file, for changes of its schema, for rows that break a constraint, for permissions that
    /// are too wide, and for known bugs of the SQLite in use.
    ///
    /// Changes nothing, takes no write lock, and works on a store that was opened for reading only, except that SQLite
    /// then passes over rows that break a `CHECK` constraint, which a note says. O(size of the file); SQLite can't
    /// begin the log anew meanwhile.
    /// - Parameter progress: called on this thread, up to 50 times a second, from inside SQLite. An error that it
    ///   throws cancels the check, which throws it to the caller. It may use the store, if that is not in memory.
    /// - Returns: the findings. A damaged file is a finding, not an error.
    /// - Throws: `closed` if the store is closed meanwhile; `busy`, `ioError` and the like, if the file can't be read.
    public func check(progress: ((Progress) throws -> Void)? = nil) throws -> CheckReport {
        let run = MaintenanceRun("check", stop: engine.stop, progress: progress)
        return try engine.maintain(run) { run in try engine.check(run) }
    }

    /// Looks for damage in the file, for changes of its schema, for rows that break a constraint, for permissions that
    /// are too wide, and for known bugs of the SQLite in use.
    ///
    /// Changes nothing, takes no write lock, and works on a store that was opened for reading only, except that SQLite
    /// then passes over rows that break a `CHECK` constraint, which a note says. O(size of the file); SQLite can't
    /// begin the log anew meanwhile.
    ///
    /// Suspends the task, and runs on a thread of the store's own. Two such operations run at the same time; others
    /// wait for up to `Configuration.busyTimeout`, then throw `busy`.
    /// - Parameter progress: called on that thread, up to 50 times a second, from inside SQLite. An error that it
    ///   throws cancels the check, which throws it to the caller. It may use the store, if that is not in memory.
    /// - Returns: the findings. A damaged file is a finding, not an error.
    /// - Throws: `closed` if the store is closed meanwhile; `busy`, `ioError` and the like, if the file can't be read;
    ///   `CancellationError` soon after the task was cancelled.
    public func check(progress: (@Sendable (Progress) throws -> Void)? = nil) async throws -> CheckReport {
        let run = MaintenanceRun("check", stop: engine.stop, progress: progress)
        return try await engine.maintain(run) { [engine] run in try engine.check(run) }
    }

    // MARK: Vacuum

    /// Rewrites the file without free pages and in order, as small as it can be.
    ///
    /// Seldom needed: the expirer gives free pages back by itself. Holds the write lock throughout: writers, of this
    /// store and of other processes, wait up to their busy timeout and then throw `busy`; reads go on. Needs twice the
    /// size of the file in addition, half of it in SQLite's temporary folder (`SQLITE_TMPDIR`, `TMPDIR`, else
    /// `/var/tmp`), in a file without a name, and half in the log, which is then copied and cut off. O(size of the
    /// file).
    /// - Parameter progress: called on this thread, up to 50 times a second, from inside SQLite. An error that it
    ///   throws cancels the vacuum, which throws it to the caller. It may read the store, if that is not in memory; a
    ///   write throws `reentrant`.
    /// - Returns: by how many bytes the file has shrunk.
    /// - Throws: `busy` if other processes keep the lock for longer than `Configuration.busyTimeout`; `diskFull`;
    ///   `readOnlyStore`; `closed` if the store is closed meanwhile. Then the file is as it was.
    @discardableResult
    public func vacuum(progress: ((Progress) throws -> Void)? = nil) throws -> Int {
        let run = MaintenanceRun("vacuum", stop: engine.stop, progress: progress)
        return try engine.maintain(run) { run in try engine.vacuum(run) }
    }

    /// Rewrites the file without free pages and in order, as small as it can be.
    ///
    /// Seldom needed: the expirer gives free pages back by itself. Holds the write lock throughout: writers, of this
    /// store and of other processes, wait up to their busy timeout and then throw `busy`; reads go on. Needs twice the
    /// size of the file in addition, half of it in SQLite's temporary folder (`SQLITE_TMPDIR`, `TMPDIR`, else
    /// `/var/tmp`), in a file without a name, and half in the log, which is then copied and cut off. O(size of the
    /// file).
    ///
    /// Suspends the task, and runs on a thread of the store's own. Two such operations run at the same time; others
    /// wait for up to `Configuration.busyTimeout`, then throw `busy`.
    /// - Parameter progress: called on that thread, up to 50 times a second, from inside SQLite. An error that it
    ///   throws cancels the vacuum, which throws it to the caller. It may read the store, if that is not in memory; a
    ///   write throws `reentrant`.
    /// - Returns: by how many bytes the file has shrunk.
    /// - Throws: `busy` if other processes keep the lock for longer than `Configuration.busyTimeout`; `diskFull`;
    ///   `readOnlyStore`; `closed` if the store is closed meanwhile; `CancellationError` soon after the task was
    ///   cancelled. Then the file is as it was.
    @discardableResult
    public func vacuum(progress: (@Sendable (Progress) throws -> Void)? = nil) async throws -> Int {
        let run = MaintenanceRun("vacuum", stop: engine.stop, progress: progress)
        return try await engine.maintain(run) { [engine] run in try engine.vacuum(run) }
    }
}
