#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// The standard input in a file without a name, to be hashed first and read by the command then.
struct Spool {
    /// At the beginning of the file.
    let descriptor: Int32
    let hash: String

    /// Reads the standard input to its end.
    /// - Throws: `CommandFailure`.
    init() throws {
        guard let file = tmpfile() else { throw Spool.failure("no temporary file") }
        // It lives as long as the process.
        descriptor = fileno(file)
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        var hash = SHA256()
        let output = descriptor
        try Spool.readAll(STDIN_FILENO, "standard input") { bytes in
            hash.update(bytes)
            try Spool.write(bytes, to: output)
        }
        guard lseek(descriptor, 0, SEEK_SET) == 0 else { throw Spool.failure("temporary file") }
        self.hash = hash.digest()
    }

    /// - Parameter name: of what is read, for messages.
    static func readAll(_ descriptor: Int32, _ name: String, _ body: (ArraySlice<UInt8>) throws -> Void) throws {
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = read(descriptor, &chunk, chunk.count)
            if count == 0 { return }
            if count > 0 {
                try body(chunk[..<count])
            } else if errno == EAGAIN {
                Readiness.waitToRead(descriptor)
            } else if errno != EINTR {
                throw failure(name)
            }
        }
    }

    private static func write(_ bytes: ArraySlice<UInt8>, to descriptor: Int32) throws {
        var rest = bytes
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { systemWrite(descriptor, $0.baseAddress, $0.count) }
            if count >= 0 { rest = rest.dropFirst(count) } else if errno != EINTR { throw failure("temporary file") }
        }
    }

    private static func failure(_ name: String) -> CommandFailure {
        CommandFailure(message: "run: \(name): \(String(cString: strerror(errno)))")
    }
}

private func systemWrite(_ descriptor: Int32, _ address: UnsafeRawPointer?, _ count: Int) -> Int {
    write(descriptor, address, count)
}
