/// Reads of several keys as of one moment, which memory may answer.
extension Engine {
    /// The values of keys as of one moment, counted as hits and misses.
    func values(_ keys: [String]) throws(TTLStoreError) -> [Value?] {
        let read = try ManyKeys(keys)
        if let values = try recall(read) { return values }
        return try fetch(read)
    }

    /// Returns at once where memory has all of them; otherwise suspends the task.
    func values(_ keys: [String]) async throws(TTLStoreError) -> [Value?] {
        let read = try ManyKeys(keys)
        if let values = try recall(read) { return values }
        return try await onReadWorker(ManyKeys.name) { [self] () throws(TTLStoreError) in try fetch(read) }
    }

    private struct ManyKeys {
        static let name = "getAll"
        let keys: [Key]

        init(_ keys: [String]) throws(TTLStoreError) {
            self.keys = try keys.map { (key) throws(TTLStoreError) in try Key(key, in: ManyKeys.name) }
        }
    }

    /// Nil where the file has to be read.
    private func recall(_ read: ManyKeys) throws(TTLStoreError) -> [Value?]? {
        try checkUsable(ManyKeys.name)
        guard let memory else { return nil }
        if memory.isLogLost { try file.checkLog(in: ManyKeys.name) }
        return memory.look(read.keys, now: clock.now)?.map { $0?.value }
    }

    private func fetch(_ read: ManyKeys) throws(TTLStoreError) -> [Value?] {
        try self.read(ManyKeys.name) { reader in
            let now = clock.now
            let remembered = reader.isWriters ? nil : try? memory?.fill(read.keys, reader, now: now)
            let values = try remembered ?? reader.values(read.keys, now: now)
            return values.map { reader.counted($0) }
        }
    }
}
