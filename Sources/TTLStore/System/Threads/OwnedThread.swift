internal import CTTLSQLite

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// A named operating-system thread, which has to be joined or detached.
struct OwnedThread: @unchecked Sendable {
    // Sendable: a pthread_t is a plain handle, a pointer on some systems; any thread may compare, join or detach it.
    private let handle: pthread_t

    /// Starts a thread that runs `body` and ends when it returns.
    ///
    /// Signals that are sent to the process are blocked on the thread, so that the program's handlers run on the
    /// program's threads. Signals that a thread causes itself are not blocked, see `ofTheThreadItself`.
    /// - Throws: the error number of `pthread_create`, e.g. `EAGAIN` when the process may not have more threads.
    init(name: String, body: @escaping @Sendable () -> Void) throws(ThreadError) {
        let start = Unmanaged.passRetained(Start(name: name, body: body))
        var blocked = sigset_t()
        var before = sigset_t()
        sigfillset(&blocked)
        for signal in OwnedThread.ofTheThreadItself { sigdelset(&blocked, signal) }
        pthread_sigmask(SIG_BLOCK, &blocked, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        #if canImport(Darwin)
        var created: pthread_t?
        #else
        var created = pthread_t()
        #endif
        let result = pthread_create(&created, nil, runOwnedThread, start.toOpaque())
        guard result == 0 else {
            start.release()
            throw ThreadError(number: result)
        }
        #if canImport(Darwin)
        guard let created else { throw ThreadError(number: EAGAIN) }
        #endif
        handle = created
    }

    /// The signals that the kernel delivers to the very thread whose instruction or system call is the cause: a trap or
    /// a fault in a callback of the program. While such a signal is blocked, the kernel kills the process without
    /// running the program's crash handler (signal(7), sigprocmask(2)). `SIGABRT` is for `raise`, and for `abort()`,
    /// which does not unblock it in every C library; `SIGSYS` for a system call that a sandbox refuses.
    ///
    /// `SIGPIPE` stays blocked: the write returns `EPIPE` all the same.
    private static let ofTheThreadItself = [SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGABRT, SIGSYS]

    var isCurrent: Bool { pthread_equal(handle, pthread_self()) != 0 }

    /// Blocks until the thread has ended. Called once for each thread, and not on the thread itself.
    func join() { pthread_join(handle, nil) }

    /// For the calling thread, which can't join itself. Its resources are freed when it ends.
    func detach() { pthread_detach(handle) }
}

struct ThreadError: Error {
    var number: Int32
}

private final class Start: Sendable {
    let name: String
    let body: @Sendable () -> Void

    init(name: String, body: @escaping @Sendable () -> Void) {
        self.name = name
        self.body = body
    }
}

#if canImport(Darwin)
private func runOwnedThread(_ argument: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
    run(argument)
}
#else
private func runOwnedThread(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    argument.flatMap(run)
}
#endif

private func run(_ argument: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
    let start = Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
    ttl_name_current_thread(start.name)
    start.body()
    return nil
}
