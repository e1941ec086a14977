extension TTLStore {
    /// Replaces the contents of a store by the contents of a backup, in one commit, whatever lies beside the file. This
    /// process and others may have the store open: they see an ordinary commit, and nothing of it before.
    ///
    /// Entries come with their expiries, revisions and tags; entries that have expired since are absent. No lease comes
    /// from the backup, and the leases of the store end; fencing tokens go on growing. Consumers of removals see
    /// nothing of it. The backup is checked first, and may be in use.
    ///
    /// O(size of both). Needs the size of the backup twice in addition: in SQLite's temporary folder (`SQLITE_TMPDIR`,
    /// `TMPDIR`, else `/var/tmp`), in a file without a name, and in the log. Holds the write lock while pages are
    /// written: other writers wait up to their busy timeout and then throw `busy`; reads go on.
    /// - Parameters:
    ///   - backup: the path of the backup, or of any other store.
    ///   - path: the path of the store. If nothing is there, the store is created, if `configuration.access` is
    ///     `.create`.
    ///   - configuration: `access`, `busyTimeout` and `clock` count.
    ///   - progress: called on this thread, while the backup is checked with the pages that were read, and then, with a
    ///     total, after every 256 pages that were written. An error that it throws cancels the restore, which throws it
    ///     to the caller, except at the last call, after the commit. It may read the store.
    /// - Throws: the codes of opening, for either file; `corrupt` for a backup in which `check` finds errors;
    ///   `invalidArgument` for the store itself as its backup, and for a backup whose pages have another size; `busy`
    ///   if another writer keeps the lock for longer than `configuration.busyTimeout`; `diskFull`, `ioError`;
    ///   `readOnlyStore` if `configuration.access` is `.readOnly`; `reentrant` from a closure of a transaction on the
    ///   same file. Then the store is as it was. A store that is too damaged to be opened is `corrupt` or
    ///   `notADatabase`: move it away first, with the files beside it.
    public static func restore(
        from backup: String, to path: String, configuration: Configuration = Configuration(),
        progress: ((Progress) throws -> Void)? = nil
    ) throws {
        let run = MaintenanceRun("restore", stop: StopFlag(), progress: progress)
        try Restore(run: run, source: backup, path: path, configuration: configuration).perform()
    }

    /// Replaces the contents of a store by the contents of a backup, in one commit, whatever lies beside the file. This
    /// process and others may have the store open: they see an ordinary commit, and nothing of it before.
    ///
    /// Entries come with their expiries, revisions and tags; entries that have expired since are absent. No lease comes
    /// from the backup, and the leases of the store end; fencing tokens go on growing. Consumers of removals see
    /// nothing of it. The backup is checked first, and may be in use.
    ///
    /// O(size of both). Needs the size of the backup twice in addition: in SQLite's temporary folder (`SQLITE_TMPDIR`,
    /// `TMPDIR`, else `/var/tmp`), in a file without a name, and in the log. Holds the write lock while pages are
    /// written: other writers wait up to their busy timeout and then throw `busy`; reads go on.
    ///
    /// Suspends the task, and runs on a thread for this call alone.
    /// - Parameters:
    ///   - backup: the path of the backup, or of any other store.
    ///   - path: the path of the store. If nothing is there, the store is created, if `configuration.access` is
    ///     `.create`.
    ///   - configuration: `access`, `busyTimeout` and `clock` count.
    ///   - progress: called on that thread, as a part of the task, while the backup is checked with the pages that were
    ///     read, and then, with a total, after every 256 pages that were written. An error that it throws cancels the
    ///     restore, which throws it to the caller, except at the last call, after the commit. It may read the store.
    /// - Throws: the codes of opening, for either file; `corrupt` for a backup in which `check` finds errors;
    ///   `invalidArgument` for the store itself as its backup, and for a backup whose pages have another size; `busy`
    ///   if another writer keeps the lock for longer than `configuration.busyTimeout`; `diskFull`, `ioError`;
    ///   `readOnlyStore` if `configuration.access` is `.readOnly`; `reentrant` from a closure of a transaction on the
    ///   same file; `CancellationError` soon after the task was cancelled. Then the store is as it was. A store that is
    ///   too damaged to be opened is `corrupt` or `notADatabase`: move it away first, with the files beside it.
    public static func restore(
        from backup: String, to path: String, configuration: Configuration = Configuration(),
        progress: (@Sendable (Progress) throws -> Void)? = nil
    ) async throws {
        let run = MaintenanceRun("restore", stop: StopFlag(), progress: progress)
        try await withTaskCancellationHandler {
            try await LoneThread.runWithinTask("TTLStore.restore") {
                try Restore(run: run, source: backup, path: path, configuration: configuration).perform()
            }
        } onCancel: {
            run.cancel()
        }
    }
}
