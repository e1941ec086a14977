#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// Waits for a descriptor.
///
/// Programs that share a pipe or a terminal share its flags, and another program may have made it non-blocking. Then
/// `read` and `write` fail with EAGAIN instead of waiting.
enum Readiness {
    /// Waits until there is something to read, or the end.
    static func waitToRead(_ descriptor: Int32) { _ = wait(for: POLLIN, descriptor, milliseconds: -1) }

    /// Waits until something can be written, or there is no reader any more.
    static func waitToWrite(_ descriptor: Int32) { _ = wait(for: POLLOUT, descriptor, milliseconds: -1) }

    /// As `waitToWrite`, and ends when a signal has come.
    /// - Throws: `Interrupted`.
    static func waitToWriteInterruptibly(_ descriptor: Int32) throws {
        repeat {
            // A signal that comes between the two calls is noticed a moment later.
            try Interrupts.check()
        } while !wait(for: POLLOUT, descriptor, milliseconds: 100)
    }

    /// Whether there is something to read, or the end, at this moment.
    static func isReadyToRead(_ descriptor: Int32) -> Bool { wait(for: POLLIN, descriptor, milliseconds: 0) }

    /// As `waitToRead`, and ends when a signal has come.
    /// - Throws: `Interrupted`.
    static func waitToReadInterruptibly(_ descriptor: Int32) throws {
        repeat { try Interrupts.check() } while !wait(for: POLLIN, descriptor, milliseconds: 100)
    }

    /// Whether something can be written within the time.
    static func isReadyToWrite(_ descriptor: Int32, within time: Duration) -> Bool {
        wait(for: POLLOUT, descriptor, milliseconds: Int32(time / .milliseconds(1)))
    }

    /// Waits until one of the descriptors has something to read, or its end; negative ones have never.
    /// - Returns: which; none when the time has come, or a signal.
    static func waitToRead(_ descriptors: [Int32], until end: ContinuousClock.Instant) -> [Int32] {
        var questions = descriptors.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        guard poll(&questions, nfds_t(questions.count), milliseconds(until: end)) > 0 else { return [] }
        return questions.filter { $0.revents != 0 }.map(\.fd)
    }

    /// Whether the reader of a pipe leaves before the time has come, or a signal.
    static func isClosed(_ descriptor: Int32, until end: ContinuousClock.Instant) -> Bool {
        wait(for: 0, descriptor, milliseconds: milliseconds(until: end))
    }

    private static func milliseconds(until end: ContinuousClock.Instant) -> Int32 {
        Int32(min(max(0, ((end - .now) / .milliseconds(1)).rounded(.up)), 60_000))
    }

    /// - Returns: false if the descriptor was not ready within the time, or a signal came.
    private static func wait(for events: Int32, _ descriptor: Int32, milliseconds: Int32) -> Bool {
        var question = pollfd(fd: descriptor, events: Int16(events), revents: 0)
        return poll(&question, 1, milliseconds) > 0
    }
}
