import Synchronization

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// Turns SIGINT, SIGTERM and SIGHUP into an error that is thrown where the program checks for it, so that the program
/// cleans up first. The second signal ends the process at once.
enum Interrupts {
    private typealias Handler = @convention(c) (Int32) -> Void

    private static let received = Atomic<Int32>(0)

    static func listen() {
        // The handler must not be the first to use the variable.
        received.store(0, ordering: .relaxed)
        // A parent may have left the signals blocked.
        var signals = sigset_t()
        sigemptyset(&signals)
        for number in [SIGINT, SIGTERM, SIGHUP] {
            sigaddset(&signals, number)
            let before = signal(number) { number in
                Interrupts.received.store(number, ordering: .relaxed)
                signal(number, SIG_DFL)
            }
            // `nohup`, or a shell that runs the command in the background, has had the signal ignored.
            if isSame(before, SIG_IGN) { signal(number, SIG_IGN) }
        }
        pthread_sigmask(SIG_UNBLOCK, &signals, nil)
    }

    private static func isSame(_ one: Handler?, _ other: Handler?) -> Bool {
        unsafeBitCast(one, to: Int.self) == unsafeBitCast(other, to: Int.self)
    }

    static func check() throws {
        let number = received.load(ordering: .relaxed)
        if number != 0 { throw Interrupted(signal: number) }
    }

    /// Blocks the thread for that long, or until a signal comes.
    static func sleep(_ duration: Duration) throws {
        let end = ContinuousClock.now + duration
        while ContinuousClock.now < end {
            try check()
            usleep(5000)
        }
        try check()
    }
}
