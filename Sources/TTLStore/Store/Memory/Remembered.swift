/// A row as it was read, or the knowledge that a key has no row.
final class Remembered: @unchecked Sendable {
    // Sendable: the constants never change; the lock of its shard guards the variables.
    let key: HashedKey
    /// Nil where the key has no row, live or expired. The other columns then mean nothing.
    let value: Value?
    let expiresAt: Timestamp?
    let createdAt: Timestamp
    let updatedAt: Timestamp
    let revision: Int64
    let tag: String?

    /// The content of the file that it belongs to.
    var epoch = 0
    /// Whether it was recalled since the hand of the clock came by.
    var isRecalled = false
    /// What it costs of the memory's size, in bytes.
    private(set) var size: Int
    /// What was made of the value: its type, and the content.
    private var derived: (type: ObjectIdentifier, content: AnyObject)?

    /// The objects and the place in the table, as measured.
    static let overhead = 320

    /// A key without a row.
    init(_ key: HashedKey) {
        self.key = key
        (value, expiresAt, tag) = (nil, nil, nil)
        (createdAt, updatedAt, revision) = (0, 0, 0)
        size = Remembered.overhead + key.text.utf8.count
    }

    /// - Parameter row: with the columns of `EntryColumns.all`.
    init(_ key: HashedKey, _ row: Statement) {
        let value = EntryColumns.value(row, 1)
        self.key = key
        self.value = value
        expiresAt = row.optionalTime(2)
        createdAt = row.time(3)
        updatedAt = row.time(4)
        revision = row.integer(5)
        tag = EntryColumns.optionalText(row, 6)
        size = Remembered.overhead + key.text.utf8.count + value.size + (tag?.utf8.count ?? 0)
    }

    var valueSize: Int { value?.size ?? 0 }

    /// Whether there is a row that is live at that time.
    func isLive(at now: Timestamp) -> Bool { value != nil && LiveRule.isLive(expiresAt, now: now) }

    /// Whether the row of a statement is still this one. Each write raises the revision, and a row that was made anew
    /// has another one; the other columns cost nothing.
    func isUnchanged(in row: Statement) -> Bool {
        value != nil && revision == row.integer(5) && expiresAt == row.optionalTime(2) && createdAt == row.time(3)
            && updatedAt == row.time(4)
    }

    func entry(now: Timestamp) -> TTLStore.Entry? {
        guard let value else { return nil }
        return TTLStore.Entry(
            key: key.text, value: value, expiresAt: expiresAt.map(TimeConversion.date),
            remaining: expiresAt.map { TimeConversion.duration(from: now, to: $0) },
            createdAt: TimeConversion.date(createdAt), updatedAt: TimeConversion.date(updatedAt),
            revision: TTLStore.Revision(number: revision), tag: tag)
    }

    func content<Content: Sendable>(as type: Content.Type) -> Content? {
        guard let derived, derived.type == ObjectIdentifier(type) else { return nil }
        // The type was compared.
        return unsafeDowncast(derived.content, to: DerivedContent<Content>.self).content
    }

    /// Keeps what was made of the value; it counts as much as the value itself.
    /// - Returns: by how much the size has grown.
    func keep<Content: Sendable>(_ content: Content) -> Int {
        let growth = derived == nil ? valueSize : 0
        derived = (ObjectIdentifier(Content.self), DerivedContent(content))
        size += growth
        return growth
    }
}

/// A value in a box that is told by its type alone.
private final class DerivedContent<Content: Sendable>: Sendable {
    let content: Content

    init(_ content: Content) { self.content = content }
}

/// A key with its hash, compared by bytes as in the file. `String` takes two spellings of one character for equal.
struct HashedKey: Sendable {
    let text: String
    let hash: Int

    init(_ key: Key) {
        text = key.text
        var hasher = Hasher()
        key.withBytes { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        hash = hasher.finalize()
    }

    func isSame(as other: HashedKey) -> Bool {
        text.utf8.withContiguousStorageIfAvailable { bytes in
            other.text.utf8.withContiguousStorageIfAvailable { others in
                bytes.count == others.count && bytes.indices.allSatisfy { bytes[$0] == others[$0] }
            }
        } == .some(.some(true))
    }
}
