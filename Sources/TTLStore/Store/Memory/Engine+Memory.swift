/// Reads of one key, which memory may answer.
extension Engine {
    func read<Success>(_ read: KeyedRead<Success>, _ key: String) throws(TTLStoreError) -> Success? {
        try self.read(read, try Key(key, in: read.name))
    }

    func read<Success>(_ read: KeyedRead<Success>, _ key: Key) throws(TTLStoreError) -> Success? {
        switch try recall(read, key) {
        case .found(let success): return success
        case .absent: return nil
        case .unknown(let gap): return try fetch(read, key, gap)
        }
    }

    /// Returns at once where memory has the answer; otherwise suspends the task.
    func read<Success>(_ read: KeyedRead<Success>, _ key: String) async throws(TTLStoreError) -> Success? {
        try await self.read(read, try Key(key, in: read.name))
    }

    /// As the form above.
    func read<Success>(_ read: KeyedRead<Success>, _ key: Key) async throws(TTLStoreError) -> Success? {
        switch try recall(read, key) {
        case .found(let success): return success
        case .absent: return nil
        case .unknown(let gap):
            return try await onReadWorker(read.name) { [self] () throws(TTLStoreError) in
                try fetch(read, key, gap)
            }
        }
    }

    private func recall<Success>(
        _ read: KeyedRead<Success>, _ key: Key
    ) throws(TTLStoreError) -> ReadMemory.Answer<Success> {
        // A forked child has no thread for what memory can't answer, and may have inherited a lock that is held.
        try checkUsable(read.name)
        guard let memory else { return .unknown(nil) }
        if memory.isLogLost { try file.checkLog(in: read.name) }
        return try memory.look(key, now: clock.now, for: read).get()
    }

    /// Reads the file, and fills the gap in memory.
    private func fetch<Success>(
        _ read: KeyedRead<Success>, _ key: Key, _ gap: ReadMemory.Gap?
    ) throws(TTLStoreError) -> Success? {
        try self.read(read.name) { reader in
            let now = clock.now
            // An error may be of a value that has expired, and that the plain read does not look at.
            guard read.needsValue, let gap, let memory, !reader.isWriters,
                let found = try? memory.fill(gap, reader, key), read.answers?(found, now) ?? true
            else { return try read.read(reader, key, now) }
            guard reader.counted(found.isLive(at: now) ? true : nil) != nil else { return nil }
            return try memory.withShard(of: found.key) { (_) throws(TTLStoreError) in try read.recall(found, now) }
        }
    }

    /// What `make` makes of what was found. It is kept beside the row in memory, and made once.
    func made<Source, Content: Sendable, Failure: Error>(
        of found: Hit<Source>, as type: Content.Type, by make: (Source) throws(Failure) -> Content
    ) throws(Failure) -> Content? {
        if let kept = found.kept(of: type) { return kept.content(as: type) }
        guard let source = found.content else { return nil }
        let content = try make(source)
        if case .row(let row, _, _) = found { memory?.keep(content, for: row) }
        return content
    }

    /// The value, decoded.
    func decoded<Content: Decodable & Sendable>(
        _ type: Content.Type, _ found: Hit<Value>?
    ) throws(TTLStoreError) -> Content? {
        guard let found else { return nil }
        guard ValueCoding.isKept(type) else {
            guard let value = found.content else { return nil }
            return try ValueCoding.decode(type, from: value, in: "get")
        }
        return try made(of: found, as: type) { (value) throws(TTLStoreError) in
            try ValueCoding.decode(type, from: value, in: "get")
        }
    }
}

extension TTLStore {
    /// What `make` makes of the live entry of a key, or nil. It is kept beside the entry in memory, and made once.
    ///
    /// Suspends the task, whose cancellation is ignored; returns at once where memory has the answer.
    /// - Parameters:
    ///   - key: 1 to 1024 bytes of UTF-8.
    ///   - make: must look neither at `remaining` nor at a clock, since its result may be returned later.
    /// - Throws: what `make` throws; `invalidKey`, and the errors of a read.
    package func content<Content: Sendable>(
        of key: String, as type: Content.Type, _ make: (Entry) throws -> Content
    ) async throws -> Content? {
        guard let found = try await engine.read(.entry, key) else { return nil }
        return try engine.made(of: found, as: type, by: make)
    }
}

extension ValueCoding {
    /// Whether what was decoded as the type is worth keeping and may be handed out more than once. An object could be
    /// changed by its receiver; `get` refuses an optional, which may wrap one.
    static func isKept<Decoded>(_ type: Decoded.Type) -> Bool {
        runsOwnCode(type) && !(type is AnyObject.Type) && !(type is any OptionalValue.Type)
    }
}
