/// Reads of a store whose file has a `ReadOnlyWatch`.
extension ReaderPool {
    /// How often a read is repeated at most, while the file changes under it.
    private static let tries = 10

    static func changed(_ operation: String) -> TTLStoreError {
        TTLStoreError(.busy, "the file was changed while it was read", in: operation)
    }

    /// Lets go of the connections that are older than that generation; of a lent one when it is given back.
    private func renew(_ generation: Int) {
        let old = lock.withLock { () -> [EntryReader] in
            guard generation > viewGeneration else { return [] }
            viewGeneration = generation
            let old = idle
            idle = []
            connections.removeAll { connection in old.contains { $0.connection === connection } }
            outdated = Set(connections.map(ObjectIdentifier.init))
            return old
        }
        // A connection ends with the last reference to its reader: a borrower may still be about to release one.
        withExtendedLifetime(old) {}
    }

    func isOutdated(_ connection: Connection) -> Bool {
        guard file.readOnlyWatch != nil else { return false }
        return lock.withLock {
            guard outdated.remove(ObjectIdentifier(connection)) != nil else { return false }
            connections.removeAll { $0 === connection }
            return true
        }
    }

    func read<Success>(
        _ operation: String, _ watch: ReadOnlyWatch, _ body: (EntryReader) throws -> Success
    ) throws(TTLStoreError) -> Success {
        for triesLeft in (0..<ReaderPool.tries).reversed() {
            let generation = try watch.generation(in: operation)
            renew(generation)
            let result = readOnce(operation, body)
            var failure: TTLStoreError?
            if case .failure(let error) = result { failure = error }
            // The names may be gone with the folder.
            if file.stop.isSet { return try result.get() }
            // The result comes from one state of the file; otherwise the read is repeated.
            if try watch.hasChanged(since: generation, hasFailed: failure != nil, in: operation) { continue }
            guard triesLeft > 0, let failure, ReadOnlyWatch.isPassing(failure) else { return try result.get() }
            sleepThread(microseconds: 1000)
        }
        throw ReaderPool.changed(operation)
    }

    private func readOnce<Success>(
        _ operation: String, _ body: (EntryReader) throws -> Success
    ) -> Result<Success, TTLStoreError> {
        do {
            let reader = try borrow(operation)
            defer { giveBack(reader) }
            return .success(try body(reader))
        } catch { return .failure(TTLStoreError(any: error, in: operation)) }
    }
}
