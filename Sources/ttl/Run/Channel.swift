#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// One stream of a command, from its pipe to a stream of this process.
struct Channel {
    let stream: RecordedRun.Stream
    /// The end of the pipe that is read.
    private let source: Int32
    /// Nil where nobody sees the output.
    private let target: Int32?
    private var pending: ArraySlice<UInt8> = []
    private(set) var isAtEnd = false
    /// The error of the first write that failed. What comes after it is only recorded.
    private(set) var failure: Int32?

    /// - Returns: the channel, and the end of the pipe that the command gets.
    static func open(
        _ stream: RecordedRun.Stream, to target: Int32?
    ) throws -> (channel: Channel, commandsEnd: Int32) {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else {
            throw CommandFailure(message: "run: no pipe: \(String(cString: strerror(errno)))")
        }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return (Channel(stream: stream, source: ends[0], target: target), ends[1])
    }

    private init(stream: RecordedRun.Stream, source: Int32, target: Int32?) {
        (self.stream, self.source, self.target) = (stream, source, target)
    }

    /// Whether everything was read and passed on.
    var isDone: Bool { isAtEnd && pending.isEmpty }

    /// What to wait for: room for what is pending, or else something to read. A slow reader makes the command wait, as
    /// without this process between them.
    var question: pollfd {
        if !pending.isEmpty, let target { return pollfd(fd: target, events: Int16(POLLOUT), revents: 0) }
        return pollfd(fd: isAtEnd ? -1 : source, events: Int16(POLLIN), revents: 0)
    }

    /// Called when the question is answered: passes on, or reads.
    /// - Returns: what was read.
    mutating func step() -> ArraySlice<UInt8> {
        guard pending.isEmpty else {
            passOn()
            return []
        }
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        let count = bytes.withUnsafeMutableBytes { systemRead(source, $0.baseAddress, $0.count) }
        if count < 0 && errno == EINTR { return [] }
        guard count > 0 else {
            isAtEnd = true
            close(source)
            return []
        }
        if target != nil, failure == nil { pending = bytes[..<count] }
        return bytes[..<count]
    }

    private mutating func passOn() {
        guard let target else { return }
        // A pipe that is ready takes this much without blocking.
        let part = pending.prefix(Int(PIPE_BUF))
        let count = part.withUnsafeBytes { systemWrite(target, $0.baseAddress, $0.count) }
        if count >= 0 {
            pending = pending.dropFirst(count)
        } else if errno != EINTR && errno != EAGAIN {
            failure = errno
            pending = []
        }
    }
}

private func systemRead(_ descriptor: Int32, _ address: UnsafeMutableRawPointer?, _ count: Int) -> Int {
    read(descriptor, address, count)
}

private func systemWrite(_ descriptor: Int32, _ address: UnsafeRawPointer?, _ count: Int) -> Int {
    write(descriptor, address, count)
}
