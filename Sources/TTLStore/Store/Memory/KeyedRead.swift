/// A read of one key, from memory or from the file; inside a transaction from the file alone.
struct KeyedRead<Success: Sendable>: Sendable {
    /// For errors.
    let name: String
    /// Whether the answer needs the value, so that reading the whole row costs nothing more.
    let needsValue: Bool
    /// Which rows answer; nil where each does, and an absent one as well. Called, as `recall` is, with a lock held.
    let answers: (@Sendable (Remembered, Timestamp) -> Bool)?
    /// The answer from a row in memory; nil where it is none.
    let recall: @Sendable (Remembered, Timestamp) throws(TTLStoreError) -> Success?
    /// The answer from the file, counted as a hit or a miss; nil where no live entry has the key.
    let read: @Sendable (EntryReader, Key, Timestamp) throws -> Success?
}

extension KeyedRead where Success == String {
    static let text = KeyedRead("get") { (row, _) throws(TTLStoreError) in
        switch row.value {
        case .text(let text): return text
        case let value?: throw ValueCoding.wrongKind(value, String.self, in: "get")
        case nil: return nil
        }
    } read: { reader, key, now in
        switch reader.counted(try reader.text(key, now: now)) {
        case .text(let text): text
        case .other(let value): throw ValueCoding.wrongKind(value, String.self, in: "get")
        case nil: nil
        }
    }
}

extension KeyedRead where Success == Hit<Value> {
    static let value = KeyedRead("get") { row, now in
        Hit(row, at: now)
    } read: { reader, key, now in
        reader.counted(try reader.value(key, now: now)).map(Hit.file)
    }
}

extension KeyedRead where Success == Hit<TTLStore.Entry> {
    static let entry = KeyedRead("entry") { row, now in
        Hit(row, at: now)
    } read: { reader, key, now in
        reader.counted(try reader.entry(key, now: now)).map(Hit.file)
    }
}

extension KeyedRead where Success == Bool {
    static let contains = KeyedRead("contains", needsValue: false) { row, _ in
        row.value != nil
    } read: { reader, key, now in
        reader.counted(try reader.isLive(key, now: now) ? true : nil)
    }
}

extension KeyedRead {
    init(
        _ name: String, needsValue: Bool = true, if answers: (@Sendable (Remembered, Timestamp) -> Bool)? = nil,
        recall: @escaping @Sendable (Remembered, Timestamp) throws(TTLStoreError) -> Success?,
        read: @escaping @Sendable (EntryReader, Key, Timestamp) throws -> Success?
    ) {
        (self.name, self.needsValue, self.answers) = (name, needsValue, answers)
        (self.recall, self.read) = (recall, read)
    }
}
