import TTLStore

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// The standard input.
enum Input {
    /// All of the input: text if it is valid UTF-8, otherwise bytes.
    /// - Throws: an error if the input is longer than `limit` bytes; it reads little more than that.
    static func value(limit: Int) throws -> TTLStore.Value {
        let bytes = try readAll(limit: limit)
        return String(validating: bytes, as: UTF8.self).map { .text($0) } ?? .bytes(bytes)
    }

    private static func readAll(limit: Int) throws -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = read(STDIN_FILENO, &chunk, chunk.count)
            if count == 0 { return bytes }
            if count < 0 {
                if errno == EINTR { continue }
                if errno == EAGAIN {
                    Readiness.waitToRead(STDIN_FILENO)
                    continue
                }
                throw CommandFailure(message: "standard input: \(String(cString: strerror(errno)))")
            }
            bytes += chunk[..<count]
            guard bytes.count <= limit else {
                throw CommandFailure(message: "standard input has more than the \(limit) bytes that a value may have")
            }
        }
    }
}
