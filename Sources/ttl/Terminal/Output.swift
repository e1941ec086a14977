#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// A buffered descriptor, by default the standard output. Text is certain to be written only after `flush()`.
struct Output {
    private let descriptor: Int32
    private let isInterruptible: Bool
    private var buffer: [UInt8] = []

    /// - Parameter isInterruptible: `flush()` also ends when a signal has come to which `Interrupts` listens.
    init(descriptor: Int32 = STDOUT_FILENO, isInterruptible: Bool = false) {
        self.descriptor = descriptor
        self.isInterruptible = isInterruptible
    }

    mutating func write(_ text: String) { buffer += text.utf8 }

    mutating func write(_ bytes: [UInt8]) { buffer += bytes }

    /// Lets `body` append to the buffer.
    mutating func write(_ body: (inout [UInt8]) -> Void) { body(&buffer) }

    /// Adds a line to the buffer, and writes the buffer when it is large.
    mutating func writeLine(_ text: String) throws {
        write(text)
        write("\n")
        try flushIfLarge()
    }

    var isLarge: Bool { buffer.count >= 1 << 16 }

    mutating func flushIfLarge() throws {
        if isLarge { try flush() }
    }

    /// Waits also if the descriptor is non-blocking.
    /// - Throws: `OutputClosed` when there is no reader any more; `Interrupted`.
    mutating func flush() throws {
        defer { buffer.removeAll(keepingCapacity: true) }
        var rest = buffer[...]
        while !rest.isEmpty {
            if isInterruptible { try Readiness.waitToWriteInterruptibly(descriptor) }
            // A pipe that is ready takes this much without blocking.
            let part = isInterruptible ? rest.prefix(Int(PIPE_BUF)) : rest
            let count = part.withUnsafeBytes { systemWrite(descriptor, $0.baseAddress, $0.count) }
            if count >= 0 {
                rest = rest.dropFirst(count)
            } else if errno == EPIPE {
                throw OutputClosed()
            } else if errno == EAGAIN {
                Readiness.waitToWrite(descriptor)
            } else if errno != EINTR {
                throw Output.failure(errno)
            }
        }
    }

    fileprivate static func failure(_ number: Int32) -> CommandFailure {
        CommandFailure(message: "standard output: \(String(cString: strerror(number)))")
    }
}

/// The standard output.
extension Output {
    /// Writes all of it at once.
    static func print(_ bytes: [UInt8]) throws {
        var output = Output()
        output.write(bytes)
        try output.flush()
    }

    static func print(line: String) throws { try print(Array(line.utf8) + [UInt8(ascii: "\n")]) }

    /// Called before a change whose result will be printed.
    /// - Throws: an error if standard output is closed, or open for reading only.
    static func requireOpen() throws {
        let flags = fcntl(STDOUT_FILENO, F_GETFL)
        guard flags >= 0, flags & O_ACCMODE != O_RDONLY else { throw failure(EBADF) }
    }

    /// Whether the output is a file, where no reader makes the writer wait.
    static var isFile: Bool {
        var information = stat()
        return fstat(STDOUT_FILENO, &information) == 0 && information.st_mode & S_IFMT == S_IFREG
    }

    /// Some file systems, most of them on a network, report only on closing that there was no space.
    static func confirm() throws {
        let copy = dup(STDOUT_FILENO)
        guard copy >= 0, close(copy) == 0 else { throw failure(errno) }
    }
}

private func systemWrite(_ descriptor: Int32, _ address: UnsafeRawPointer?, _ count: Int) -> Int {
    write(descriptor, address, count)
}
