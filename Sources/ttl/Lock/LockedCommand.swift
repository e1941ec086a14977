import TTLStore

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// A command that runs as long as its lock is held.
struct LockedCommand {
    /// Signals that would end `ttl` and that mean the command.
    static let passedOn = [SIGUSR1, SIGUSR2]

    /// All signals that are listened to: the end of the command and the end of a stop as well.
    static let heard = SignalPipe.endings + passedOn + [SIGCHLD, SIGCONT]

    private let store: TTLStore
    private let signals: SignalPipe
    private let child: ChildProcess
    private var lease: TTLStore.Lease
    private var tenure: Tenure
    /// SIGINT from the terminal, which the command has got as well.
    private var isInterrupted = false

    /// How it went.
    struct Outcome {
        let end: ChildProcess.End
        /// Why the command had to end; nil where it has ended by itself, with the lock held all the time.
        let reason: Tenure.Reason?
        let isInterrupted: Bool
    }

    /// Starts the command.
    init(
        _ command: CommandWords, _ held: LockWaiter.Held, longest: Duration?, store: TTLStore, signals: SignalPipe
    ) throws(ChildProcess.StartFailure) {
        (self.store, self.signals, lease) = (store, signals, held.lease)
        var variables = ["TTL_LOCK_TOKEN": String(held.lease.token)]
        if case .slot(let number, _) = LockPlace(leaseName: held.lease.name).role {
            variables["TTL_LOCK_SLOT"] = String(number)
        }
        child = try ChildProcess(
            ProgramFile(named: command.bytes.first ?? [0]), arguments: command.bytes, variables: variables,
            bond: .signal(SIGKILL))
        tenure = Tenure(from: held.start, longest: longest)
    }

    /// Waits for the end of the command, and renews the lease meanwhile.
    mutating func run() -> Outcome {
        while true {
            if let end = child.endIfAny() {
                return Outcome(end: end, reason: tenure.reason, isInterrupted: isInterrupted)
            }
            switch tenure.next(.now) {
            case .renew: renew()
            case .terminate:
                child.send(SIGTERM)
                // A command that is stopped acts on no signal.
                child.send(SIGCONT)
            case .kill: child.send(SIGKILL)
            case .wait(let end):
                signals.wait(until: end)
                signals.received().forEach { pass($0) }
            }
        }
    }

    private mutating func renew() {
        let start = ContinuousClock.now
        do {
            let renewed = try store.renew(lease, for: LockTimes.lease)
            lease = renewed ?? lease
            tenure.note(renewed == nil ? .refused : .renewed, from: start, now: .now)
        } catch {
            tenure.note(.failed, from: start, now: .now)
        }
    }

    private mutating func pass(_ signal: SignalPipe.Received) {
        switch signal.number {
        case SIGCHLD: break
        case SIGCONT: tenure.renewSoon(.now)
        // The terminal has sent it to the command as well.
        case SIGINT where signal.isFromTerminal: isInterrupted = true
        case SIGQUIT where signal.isFromTerminal: break
        default: child.send(signal.number)
        }
    }
}
