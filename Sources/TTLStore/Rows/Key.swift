/// A key, or another name, that the file can hold: UTF-8, compared by bytes.
struct Key: Sendable {
    /// In bytes of UTF-8; the schema has the same bound.
    static let maximumLength = 1024

    /// The kind of name.
    enum Role: String {
        case key = "key"
        case tag = "tag"
        case lease = "lease's name"
        case leaseOwner = "lease's owner"

        fileprivate var code: TTLStoreError.Code {
            switch self {
            case .key: .invalidKey
            case .tag: .invalidTag
            case .lease, .leaseOwner: .invalidArgument
            }
        }
    }

    private(set) var text: String

    init(_ text: String, as role: Role = .key, in operation: String) throws(TTLStoreError) {
        self.text = text
        // A string that was bridged, or that is not stored as UTF-8, is converted once, here.
        self.text.makeContiguousUTF8()
        guard (1...Key.maximumLength).contains(text.utf8.count) else {
            throw TTLStoreError(
                role.code,
                "a \(role.rawValue) has 1 to \(Key.maximumLength) bytes of UTF-8, this one \(text.utf8.count)",
                in: operation)
        }
    }

    static func tag(_ text: String?, in operation: String) throws(TTLStoreError) -> Key? {
        guard let text else { return nil }
        return try Key(text, as: .tag, in: operation)
    }

    func withBytes<Result, Failure: Error>(
        _ body: (UnsafeBufferPointer<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        var text = text
        var outcome: Swift.Result<Result, Failure>?
        text.withUTF8 { bytes in
            do throws(Failure) { outcome = .success(try body(bytes)) } catch { outcome = .failure(error) }
        }
        // withUTF8 calls its closure exactly once.
        return try outcome!.get()
    }
}

/// The keys that begin with a prefix, as a range of bytes: the key's index serves it.
struct KeyRange {
    let lower: [UInt8]
    /// The first key after the range; nil for the range of all keys.
    let upper: [UInt8]?

    init(prefix: String) {
        // One byte more than a key can have is enough for a prefix that no key has; its length then fits SQLite's.
        let bytes = Array(prefix.utf8.prefix(Key.maximumLength + 1))
        lower = bytes
        // No byte of UTF-8 is 0xFF, so the last byte can be raised.
        upper = bytes.last.map { bytes.dropLast() + [$0 + 1] }
    }
}
