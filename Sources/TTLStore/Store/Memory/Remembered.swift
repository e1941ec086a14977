#if canImport(Darwin)
internal import Darwin
#elseif canImport(Musl)
internal import Musl
#else
internal import Glibc
#endif

/// A row as it was read, or the knowledge that a key has no row.
final class Remembered: @unchecked Sendable {
    // Sendable: the constants never change; the lock of its shard guards the variables.
    // What each look-up needs comes first, so that it lies together in memory.
    let key: HashedKey
    /// Nil where the key has no row, live or expired. The other columns then mean nothing.
    let value: Value?
    /// Whether it was recalled since the hand of the clock came by.
    var isRecalled = false
    let expiresAt: Timestamp?
    /// The content of the file that it belongs to.
    var epoch = 0
    /// What was made of the value.
    private(set) var kept: KeptContent?
    let createdAt: Timestamp
    let updatedAt: Timestamp
    let revision: Int64
    let tag: String?

    /// What it costs of the memory's size, in bytes.
    private(set) var size: Int

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

    /// Keeps what was made of the value; it counts as much as the value itself.
    /// - Returns: by how much the size has grown.
    func keep<Content: Sendable>(_ content: Content) -> Int {
        let growth = kept == nil ? valueSize : 0
        kept = KeptContent(content)
        size += growth
        return growth
    }
}

/// A value of some type, which is known by that type alone.
struct KeptContent: Sendable {
    private let type: ObjectIdentifier
    private let box: any AnyObject & Sendable

    private final class Box<Content: Sendable>: Sendable {
        let content: Content

        init(_ content: Content) { self.content = content }
    }

    init<Content: Sendable>(_ content: Content) {
        type = ObjectIdentifier(Content.self)
        box = Box(content)
    }

    func isContent<Content: Sendable>(of type: Content.Type) -> Bool { self.type == ObjectIdentifier(type) }

    /// - Parameter type: the one that it has. Asked apart, since an optional of a type that only the caller knows costs
    ///   as much as all the rest.
    func content<Content: Sendable>(as type: Content.Type) -> Content {
        precondition(isContent(of: type))
        return unsafeDowncast(box, to: Box<Content>.self).content
    }
}

/// A key with its hash, compared by bytes as in the file. `String` takes two spellings of one character for equal.
struct HashedKey: Sendable {
    let text: String
    /// Never 0.
    let hash: Int

    init(_ key: Key) { self.init(key, hash: HashedKey.hash(key)) }

    init(_ key: Key, hash: Int) {
        text = key.text
        self.hash = hash
    }

    static func hash(_ key: Key) -> Int {
        var hasher = Hasher()
        // A key is contiguous.
        key.text.utf8.withContiguousStorageIfAvailable { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        let hash = hasher.finalize()
        return hash == 0 ? 1 : hash
    }

    func isSame(as other: String) -> Bool {
        // Both are contiguous, and a key is not empty, so that the bytes have an address.
        text.utf8.withContiguousStorageIfAvailable { bytes in
            other.utf8.withContiguousStorageIfAvailable { others in
                bytes.count == others.count && memcmp(bytes.baseAddress!, others.baseAddress!, bytes.count) == 0
            }
        } == .some(.some(true))
    }
}
