#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// The pipe of one stream of a command.
struct Channel {
    let stream: RecordedRun.Stream
    /// The end of the pipe that is read.
    private let source: Int32
    private(set) var isAtEnd = false

    /// - Returns: the channel, and the end of the pipe that the command gets.
    static func open(_ stream: RecordedRun.Stream) throws -> (channel: Channel, commandsEnd: Int32) {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else {
            throw CommandFailure(message: "run: no pipe: \(String(cString: strerror(errno)))")
        }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return (Channel(stream: stream, source: ends[0]), ends[1])
    }

    private init(stream: RecordedRun.Stream, source: Int32) { (self.stream, self.source) = (stream, source) }

    /// - Parameter isHeld: whether to read nothing at the moment, so that the command waits.
    func question(isHeld: Bool) -> pollfd {
        pollfd(fd: isAtEnd || isHeld ? -1 : source, events: Int16(POLLIN), revents: 0)
    }

    /// Called when the question is answered.
    mutating func take() -> ArraySlice<UInt8> {
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        let count = bytes.withUnsafeMutableBytes { read(source, $0.baseAddress, $0.count) }
        if count < 0 && errno == EINTR { return [] }
        guard count > 0 else {
            end()
            return []
        }
        return bytes[..<count]
    }

    /// Reads no more: a command that goes on writing gets SIGPIPE.
    mutating func end() {
        guard !isAtEnd else { return }
        isAtEnd = true
        close(source)
    }
}
