extension EntryWriter {
    /// Takes over the limits of a store that is being opened.
    ///
    /// The index of ages exists only in files that were opened with limits: others need not pay for it with each entry
    /// that never expires. A store without a thread counts its rows here and now.
    func adopt(_ configuration: TTLStore.Configuration, isInMemory: Bool) throws {
        let pageSize = Int(try connection.integer("PRAGMA page_size") ?? 4096)
        guard let limits = Limits(configuration, pageSize: pageSize) else { return }
        try connection.execute(
            "CREATE INDEX IF NOT EXISTS entries_by_age ON entries (updated_at) WHERE expires_at IS NULL")
        let isAlone = configuration.purging == .manual
        self.limits = try WriterLimits(limits, connection, dataVersion, isAlone: isAlone)
        if isAlone || isInMemory { try countRows() }
    }
}
