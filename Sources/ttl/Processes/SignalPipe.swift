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

    /// The signals that have come since, without waiting.
    func read() -> [Int32] {
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = bytes.withUnsafeMutableBytes { systemRead(descriptor, $0.baseAddress, $0.count) }
        return bytes.prefix(max(0, count)).map(Int32.init)
    }
}

private func systemRead(_ descriptor: Int32, _ address: UnsafeMutableRawPointer?, _ count: Int) -> Int {
    read(descriptor, address, count)
}
