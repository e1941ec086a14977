extension TTLStore {
    /// A stored value, in one of three kinds.
    public enum Value: Hashable, Sendable {
        /// TEXT: a string, or the JSON of a `Codable` value.
        case text(String)
        /// A BLOB. TEXT that is not valid UTF-8, which only another program can have written, is read as bytes, too.
        case bytes([UInt8])
        /// An INTEGER: a counter.
        case integer(Int64)

        /// How the file stores a value. The raw value is its name.
        public enum Kind: String, Hashable, Sendable, CaseIterable {
            case text, bytes, integer
        }

        /// How the file stores this value.
        public var kind: Kind {
            switch self {
            case .text: .text
            case .bytes: .bytes
            case .integer: .integer
            }
        }

        /// The value as the command prints it: the text's UTF-8, the bytes, or the integer in decimal.
        package var rawBytes: [UInt8] {
            switch self {
            case .text(let text): Array(text.utf8)
            case .bytes(let bytes): bytes
            case .integer(let integer): Array(String(integer).utf8)
            }
        }

        /// The size in bytes that counts against `Configuration.maximumValueSize`.
        var size: Int {
            switch self {
            case .text(let text): text.utf8.count
            case .bytes(let bytes): bytes.count
            case .integer: 8
            }
        }
    }
}
