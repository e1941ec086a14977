#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// The output of a command on its way to the streams of this process, whose readers may be slow.
struct Delivery {
    typealias Stream = RecordedRun.Stream

    /// What waits, in order. Where both streams lead to one file, such as a terminal, they share a lane, so that their
    /// order stays.
    private var lanes: [[(stream: Stream, bytes: ArraySlice<UInt8>)]]
    private let isSeen: Bool
    private let laneOfErrors: Int
    /// The error of the first write to a stream that failed. What comes after it is dropped.
    private(set) var failures: [Stream: Int32] = [:]

    /// - Parameter isSeen: false to drop everything.
    init(isSeen: Bool) {
        self.isSeen = isSeen
        laneOfErrors = Delivery.leadToOneFile ? 0 : 1
        lanes = Array(repeating: [], count: 2)
    }

    private static var leadToOneFile: Bool {
        var (output, errors) = (stat(), stat())
        guard fstat(STDOUT_FILENO, &output) == 0, fstat(STDERR_FILENO, &errors) == 0 else { return false }
        return output.st_dev == errors.st_dev && output.st_ino == errors.st_ino
    }

    private func lane(of stream: Stream) -> Int { stream == .out ? 0 : laneOfErrors }

    private static func descriptor(of stream: Stream) -> Int32 { stream == .out ? STDOUT_FILENO : STDERR_FILENO }

    var isDone: Bool { lanes.allSatisfy(\.isEmpty) }

    /// Whether something waits before the stream's next bytes.
    func isBlocked(_ stream: Stream) -> Bool { !lanes[lane(of: stream)].isEmpty }

    mutating func add(_ bytes: ArraySlice<UInt8>, to stream: Stream) {
        guard isSeen, !bytes.isEmpty, failures[stream] == nil else { return }
        lanes[lane(of: stream)].append((stream, bytes))
    }

    /// For each lane what to wait for: room for its first bytes.
    var questions: [pollfd] {
        lanes.map { lane in
            pollfd(fd: lane.first.map { Delivery.descriptor(of: $0.stream) } ?? -1, events: Int16(POLLOUT), revents: 0)
        }
    }

    /// Called when the lane's question is answered.
    mutating func passOn(_ lane: Int) {
        guard let (stream, bytes) = lanes[lane].first else { return }
        // A pipe that is ready takes this much without blocking.
        let part = bytes.prefix(Int(PIPE_BUF))
        let count = part.withUnsafeBytes { write(Delivery.descriptor(of: stream), $0.baseAddress, $0.count) }
        if count >= 0 {
            let rest = bytes.dropFirst(count)
            if rest.isEmpty { lanes[lane].removeFirst() } else { lanes[lane][0].bytes = rest }
        } else if errno != EINTR && errno != EAGAIN {
            failures[stream] = errno
            lanes[lane].removeAll { $0.stream == stream }
        }
    }

    /// Waits until the readers have taken what is left.
    /// - Throws: `Interrupted`.
    mutating func finish(_ signals: SignalPipe) throws {
        while !isDone {
            let ready = Recording.wait([pollfd(fd: signals.descriptor, events: Int16(POLLIN), revents: 0)] + questions)
            if let number = signals.read().first(where: { $0 != SIGCHLD }) { throw Interrupted(signal: number) }
            for lane in 0..<2 where ready[1 + lane] { passOn(lane) }
        }
    }

    /// A standard error that is lost is no reason to fail: the output and the status are as with one that is read.
    /// - Throws: `OutputClosed`, `CommandFailure`.
    func requireOutput() throws {
        guard let failure = failures[.out] else { return }
        if failure == EPIPE { throw OutputClosed() }
        throw CommandFailure(message: "run: standard output: \(String(cString: strerror(failure)))")
    }
}
