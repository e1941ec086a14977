import TTLStore

/// One entry of an export: what an import stores again.
struct EntryLine: Hashable {
    var key: String
    var value: TTLStore.Value
    /// In milliseconds since 1970; nil for never.
    var expiresAt: Int64?
    var tag: String?

    init(key: String, value: TTLStore.Value, expiresAt: Int64? = nil, tag: String? = nil) {
        self.key = key
        self.value = value
        self.expiresAt = expiresAt
        self.tag = tag
    }

    init(_ entry: TTLStore.Entry) {
        self.init(
            key: entry.key, value: entry.value, expiresAt: entry.expiresAt.map(DateFormat.milliseconds), tag: entry.tag)
    }

    /// The names of its members. Those of `ttl ls --json` that an import ignores are in `EntryLineParser`.
    enum Member {
        static let key = "key"
        static let value = "value"
        static let encoding = "encoding"
        static let expiresAt = "expires_at"
        static let tag = "tag"
    }

    static let base64 = "base64"

    // MARK: Forms

    /// One line of JSON, which `EntryLineParser` reads back.
    ///
    /// By hand: Foundation's encoder takes some 10 µs for an entry.
    func appendJSON(to line: inout [UInt8]) {
        line += #"{"key":"#.utf8
        JSONText.append(key, to: &line)
        line += #","value":"#.utf8
        switch value {
        case .text(let text): JSONText.append(text, to: &line)
        case .integer(let integer): line += String(integer).utf8
        case .bytes(let bytes):
            line.append(UInt8(ascii: "\""))
            Base64.append(bytes, to: &line)
            line += #"","encoding":"base64""#.utf8
        }
        if let expiresAt {
            line += #","expires_at":""#.utf8
            DateFormat.append(milliseconds: expiresAt, to: &line)
            line.append(UInt8(ascii: "\""))
        } else {
            line += #","expires_at":null"#.utf8
        }
        if let tag {
            line += #","tag":"#.utf8
            JSONText.append(tag, to: &line)
        }
        line += "}\n".utf8
    }

    /// The command SET in the Redis protocol (https://redis.io/docs/latest/develop/reference/protocol-spec/): arrays of
    /// strings whose length precedes them, so that they may hold any byte. PXAT needs Redis 6.2.
    func appendRedisCommand(to output: inout [UInt8]) {
        output += (expiresAt == nil ? "*3\r\n$3\r\nSET\r\n" : "*5\r\n$3\r\nSET\r\n").utf8
        func append(_ bytes: some Collection<UInt8>) {
            output.append(UInt8(ascii: "$"))
            output += String(bytes.count).utf8
            output += "\r\n".utf8
            output += bytes
            output += "\r\n".utf8
        }
        append(key.utf8)
        switch value {
        case .text(let text): append(text.utf8)
        case .bytes(let bytes): append(bytes)
        case .integer(let integer): append(String(integer).utf8)
        }
        guard let expiresAt else { return }
        append("PXAT".utf8)
        append(String(expiresAt).utf8)
    }
}

/// Strings of JSON.
enum JSONText {
    private static let hexadecimal = Array("0123456789abcdef".utf8)

    /// With quotes. Control characters, quotes and backslashes are escaped, everything else goes as it is.
    static func append(_ text: String, to line: inout [UInt8]) {
        var text = text
        line.append(UInt8(ascii: "\""))
        text.withUTF8 { bytes in
            var start = 0
            for index in bytes.indices {
                let byte = bytes[index]
                guard byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte == 0x7F else {
                    continue
                }
                line += UnsafeBufferPointer(rebasing: bytes[start..<index])
                start = index + 1
                line.append(UInt8(ascii: "\\"))
                switch byte {
                case UInt8(ascii: "\n"): line.append(UInt8(ascii: "n"))
                case UInt8(ascii: "\r"): line.append(UInt8(ascii: "r"))
                case UInt8(ascii: "\t"): line.append(UInt8(ascii: "t"))
                case UInt8(ascii: "\""), UInt8(ascii: "\\"): line.append(byte)
                default:
                    line += "u00".utf8
                    line.append(hexadecimal[Int(byte >> 4)])
                    line.append(hexadecimal[Int(byte & 15)])
                }
            }
            line += UnsafeBufferPointer(rebasing: bytes[start...])
        }
        line.append(UInt8(ascii: "\""))
    }
}
