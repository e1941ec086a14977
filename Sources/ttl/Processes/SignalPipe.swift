import CTTLProcess

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// Signals as something to read, so that one wait serves signals and pipes.
struct SignalPipe {
    /// To poll for.
    let descriptor: Int32

    /// Signals that people and supervisors send to a command that is to end.
    static let endings = [SIGINT, SIGTERM, SIGHUP, SIGQUIT]

    /// Listens from now on. Called once, before the process has another thread.
    init(_ signals: [Int32]) throws {
        descriptor = ttl_pipe_signals(signals, Int32(signals.count))
        guard descriptor >= 0 else {
            throw CommandFailure(message: "no pipe for signals: \(String(cString: strerror(errno)))")
        }
    }

    /// A signal that has come.
    struct Received: Equatable {
        let number: Int32
        /// The terminal has sent it, to each process in its foreground: also to the children of this one.
        let isFromTerminal: Bool
    }

    /// The signals that have come since, without waiting.
    func read() -> [Int32] { received().map(\.number) }

    /// As `read`, and from whom they come.
    func received() -> [Received] {
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = bytes.withUnsafeMutableBytes { systemRead(descriptor, $0.baseAddress, $0.count) }
        let mark = UInt8(ttl_from_terminal)
        return bytes.prefix(max(0, count)).map {
            Received(number: Int32($0 & ~mark), isFromTerminal: $0 & mark != 0)
        }
    }

    /// Waits for a signal; returns at the latest a millisecond after `end`, nil for never.
    func wait(until end: ContinuousClock.Instant?) {
        var question = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        let milliseconds = end.map { ($0 - .now) / .milliseconds(1) }
        // As a longer wait ends with nothing to read, the caller asks again.
        poll(&question, 1, milliseconds.map { Int32(min(max($0.rounded(.up), 0), 60_000)) } ?? -1)
    }
}

private func systemRead(_ descriptor: Int32, _ address: UnsafeMutableRawPointer?, _ count: Int) -> Int {
    read(descriptor, address, count)
}
