#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// A buffered descriptor, the standard output unless said otherwise. What is written is certain to be out only after
/// `flush()`.
struct Output {
    private let descriptor: Int32
    private var buffer: [UInt8] = []

    init(descriptor: Int32 = STDOUT_FILENO) { self.descriptor = descriptor }

    mutating func write(_ text: String) { buffer += text.utf8 }

    mutating func write(_ bytes: [UInt8]) { buffer += bytes }

    /// Writes a line, and the buffer when it has grown large.
    mutating func writeLine(_ text: String) throws {
        write(text)
        write("\n")
        try flushIfLarge()
    }

    mutating func flushIfLarge() throws {
        if buffer.count >= 1 << 16 { try flush() }
    }

    /// - Throws: `OutputClosed` when nobody reads any more.
    mutating func flush() throws {
        defer { buffer.removeAll(keepingCapacity: true) }
        var rest = buffer[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { systemWrite(descriptor, $0.baseAddress, $0.count) }
            if count >= 0 {
                rest = rest.dropFirst(count)
            } else if errno == EPIPE {
                throw OutputClosed()
            } else if errno != EINTR {
                throw CommandFailure(message: "standard output: \(String(cString: strerror(errno)))")
            }
        }
    }

    /// Writes all of it at once.
    static func print(_ bytes: [UInt8]) throws {
        var output = Output()
        output.write(bytes)
        try output.flush()
    }

    static func print(line: String) throws { try print(Array(line.utf8) + [UInt8(ascii: "\n")]) }
}

private func systemWrite(_ descriptor: Int32, _ address: UnsafeRawPointer?, _ count: Int) -> Int {
    write(descriptor, address, count)
}
