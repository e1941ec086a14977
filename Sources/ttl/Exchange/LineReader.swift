#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// The lines of a descriptor, in memory for the longest of them alone.
struct LineReader {
    enum Line {
        /// Without the line break.
        case content(UnsafeBufferPointer<UInt8>)
        /// Longer than the limit; passed over.
        case tooLong
    }

    /// How much was read so far, in bytes.
    private(set) var position: Int64 = 0
    private let descriptor: Int32
    private let limit: Int
    /// What an error of reading is about.
    private let name: String
    private var buffer: [UInt8]
    /// The part of the buffer that was read and not yet handed out.
    private var rest = 0..<0
    private var isAtEnd = false

    private static let chunk = 1 << 18

    /// - Parameter limit: the longest line in bytes.
    init(descriptor: Int32, name: String, limit: Int, chunk: Int = LineReader.chunk) {
        self.descriptor = descriptor
        self.name = name
        self.limit = limit
        buffer = [UInt8](repeating: 0, count: chunk)
    }

    /// Gives `body` the next line. The last one needs no line break.
    /// - Parameter idle: called before a wait for more to read.
    /// - Returns: false at the end.
    /// - Throws: what `body` throws; `CommandFailure`; `Interrupted`.
    mutating func next(idle: () throws -> Void = {}, _ body: (Line) throws -> Void) throws -> Bool {
        var searched = 0
        var isTooLong = false
        while true {
            if let end = lineEnd(from: rest.lowerBound + searched) {
                let line = rest.lowerBound..<end
                rest = end + 1..<rest.upperBound
                try hand(line, isTooLong, body)
                return true
            }
            if rest.count > limit {
                isTooLong = true
                rest = rest.upperBound..<rest.upperBound
            }
            searched = rest.count
            if try !fill(idle) {
                guard !rest.isEmpty || isTooLong else { return false }
                let line = rest
                rest = rest.upperBound..<rest.upperBound
                try hand(line, isTooLong, body)
                return true
            }
        }
    }

    private func hand(_ line: Range<Int>, _ isTooLong: Bool, _ body: (Line) throws -> Void) throws {
        if isTooLong || line.count > limit { return try body(.tooLong) }
        try buffer.withUnsafeBufferPointer { try body(.content(UnsafeBufferPointer(rebasing: $0[line]))) }
    }

    private func lineEnd(from start: Int) -> Int? {
        buffer.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress, start < rest.upperBound,
                let found = memchr(base + start, 0x0A, rest.upperBound - start)
            else { return nil }
            return UnsafeRawPointer(found) - base
        }
    }

    /// Reads more behind the rest.
    /// - Returns: false at the end.
    private mutating func fill(_ idle: () throws -> Void) throws -> Bool {
        if isAtEnd { return false }
        if rest.upperBound == buffer.count { makeRoom() }
        while true {
            // An endless source is always ready.
            try Interrupts.check()
            if !Readiness.isReadyToRead(descriptor) {
                try idle()
                try Readiness.waitToReadInterruptibly(descriptor)
            }
            let count = buffer.withUnsafeMutableBytes { bytes in
                systemRead(descriptor, bytes.baseAddress.map { $0 + rest.upperBound }, bytes.count - rest.upperBound)
            }
            if count > 0 {
                rest = rest.lowerBound..<rest.upperBound + count
                position += Int64(count)
                return true
            }
            if count == 0 {
                // Ctrl-C also ends the program that writes to a pipe, perhaps within a line.
                try Interrupts.check()
                isAtEnd = true
                return false
            }
            guard errno == EAGAIN || errno == EINTR else {
                throw CommandFailure(message: "\(name): \(String(cString: strerror(errno)))")
            }
        }
    }

    /// Moves the rest to the front, in a buffer twice as long if the rest fills half of it.
    private mutating func makeRoom() {
        if rest.count * 2 > buffer.count {
            buffer += [UInt8](repeating: 0, count: buffer.count)
        }
        buffer.withUnsafeMutableBytes { bytes in
            guard let base = bytes.baseAddress else { return }
            memmove(base, base + rest.lowerBound, rest.count)
        }
        rest = 0..<rest.count
    }
}

private func systemRead(_ descriptor: Int32, _ address: UnsafeMutableRawPointer?, _ count: Int) -> Int {
    read(descriptor, address, count)
}
