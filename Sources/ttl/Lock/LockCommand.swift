import ArgumentParser
import TTLStore

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

struct LockCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lock", _superCommandName: "ttl", abstract: "Runs a command while a lock is held.",
        usage: """
            ttl lock <name> [<options>] -- <command> ...
            ttl lock --who [<name>] [--json]
            """,
        discussion: """
            ttl lock deploy -- ./deploy.sh
            ttl lock backup --no-wait -E 0 -- tar czf home.tgz .
            ttl lock gpu --slots 3 --wait 30s -- ./train
            ttl lock index --shared -- ./search
            ttl lock --who deploy

            Waits until it has the lock, as long as it takes unless --wait or --no-wait says otherwise; first come, \
            first served. The lock is free again when the command ends. What the command has started and left behind \
            does not hold it.

            A lock is a lease of 10 s in the store, renewed every 3 s. If its holder is killed, the next one on the \
            same host has it at once; from another host or container, when the lease runs out. On Linux, a command \
            whose 'ttl lock' is killed is killed as well (SIGKILL); on macOS it goes on. What a script has started \
            runs on, then and where the lock is lost: let it 'exec' its last command.

            The lock is lost if 'ttl lock' was stopped for longer than the lease, if 'ttl unlock' has taken it away, \
            or if the store can't be written until the lease ends. Then the command gets SIGTERM, and after 5 s \
            SIGKILL; so it does after the time of --for. The lock is kept, if it is not lost, until the command has \
            ended.

            The command finds the fencing token in TTL_LOCK_TOKEN: a number that is higher for each later holder. \
            With --slots, TTL_LOCK_SLOT is the number of its slot, from 1. SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1 \
            and SIGUSR2 are passed on to the command.

            There are never more holders than each of them allows: an exclusive one 1, one with --slots N at most N, \
            a shared one any number. A program that acquires the lease of that name shares the exclusive lock.

            --who lists the locks that are held, and who waits: token, time left unless renewed, state, name, owner. \
            Exit status 1: nobody holds the named one.

            Exit status: the command's; 128 and the signal's number if a signal has ended it; 126 if it can't be \
            executed, 127 if there is none of that name; 1, or the status of -E, if the lock was not free in time; \
            2 if the store fails before the command runs; 124 if the command was ended because of --for or a lost \
            lock, or if the lock was lost by the time it ended.
            """)

    /// The lock was lost, or held for too long. As `timeout` reports it.
    private static let ended = ExitCode(124)

    @OptionGroup var location: StoreLocation

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Waits for that time at most, e.g. 30s; 0 is --no-wait.", valueName: "duration"))
    var wait: String?

    @Flag(help: "Doesn't wait.")
    var noWait = false

    @Option(
        name: .customLong("for"), parsing: .unconditional,
        help: ArgumentHelp("Ends the command after that time, e.g. 10m.", valueName: "duration"))
    var longest: String?

    @Option(
        parsing: .unconditional, help: ArgumentHelp("Lets that many hold it at once, up to 1000.", valueName: "count"))
    var slots: Int?

    @Flag(help: "Shares it with all others that share it.")
    var shared = false

    @Option(
        name: [.customShort("E"), .customLong("conflict-exit-code")], parsing: .unconditional,
        help: ArgumentHelp("The exit status if the lock is not free in time.", valueName: "code"))
    var conflictCode: Int32?

    @Flag(help: "Lists who holds the locks, or that one, and who waits.")
    var who = false

    @Flag(help: "With --who, prints each as one line of JSON.")
    var json = false

    @Argument(help: "The lock's name: 1 to 1000 bytes of UTF-8.", completion: Candidates.locks)
    var name: String?

    @Argument(parsing: .postTerminator, help: "The command and its arguments, after '--'.")
    var command: [String] = []

    func validate() throws {
        if let name { try LockCommand.validate(name) }
        guard !who else {
            let others = [wait != nil, noWait, longest != nil, slots != nil, shared, conflictCode != nil]
            guard !others.contains(true), command.isEmpty else {
                throw ValidationError("--who takes a name at most, and --json")
            }
            return
        }
        guard name != nil, !command.isEmpty else {
            throw ValidationError("lock takes a name, and after '--' the command: ttl lock NAME -- COMMAND")
        }
        if json { throw ValidationError("--json goes with --who") }
        if wait != nil, noWait { throw ValidationError("--wait and --no-wait exclude each other") }
        if slots != nil, shared { throw ValidationError("--slots and --shared exclude each other") }
        if let slots, !(1...LockSharing.maximumSlots).contains(slots) {
            throw ValidationError("--slots is from 1 to \(LockSharing.maximumSlots)")
        }
        if let conflictCode, !(0...255).contains(conflictCode) {
            throw ValidationError("-E is an exit status, from 0 to 255")
        }
        _ = (try patience, try longestTime)
    }

    /// The rules of a name that a person gives.
    static func validate(_ name: String) throws {
        guard (1...LockPlace.longestName).contains(name.utf8.count) else {
            throw ValidationError("a lock's name has 1 to \(LockPlace.longestName) bytes of UTF-8")
        }
        guard LockPlace(leaseName: name).role == .whole else {
            throw ValidationError("a lock's name doesn't end like '[shared 1]': so places in a lock are called")
        }
    }

    func run() throws {
        guard let name, !who else { return try LockListing(name: name, isJSON: json).print(location) }
        // Before the store has a thread.
        let signals = try SignalPipe(LockedCommand.heard)
        let owner = LockOwner(.current, running: command.first ?? "")
        let patience = try patience
        let opening = BusyRetry(signals: signals, until: patience.endOfOpening)
        do {
            try location.withStore(for: .storing, opening, missing: ()) { store in
                var waiter = LockWaiter(store, name, sharing, owner: owner.text, signals: signals, patience)
                guard let held = try waiter.acquire() else { throw conflict }
                try runCommand(held, store, signals)
            }
        } catch let failure as CommandFailure where failure.code == .busy {
            warn("not had in time, since the store's file is locked: \(failure.message)")
            throw conflict
        }
    }

    private var conflict: ExitCode { conflictCode.map { ExitCode($0) } ?? Ending.notFound }

    private func runCommand(_ held: LockWaiter.Held, _ store: TTLStore, _ signals: SignalPipe) throws {
        // One that comes after this the command gets as well, if it is the terminal's.
        if let ending = signals.read().first(where: SignalPipe.endings.contains) {
            _ = try? store.release(held.lease)
            throw Interrupted(signal: ending)
        }
        let outcome: LockedCommand.Outcome
        do throws(ChildProcess.StartFailure) {
            var locked = try LockedCommand(
                CommandWords(command), held, longest: try? longestTime, store: store, signals: signals)
            outcome = locked.run()
        } catch {
            _ = try? store.release(held.lease)
            warn("the command can't be started: \(error.reason)")
            throw ExitCode(error.status)
        }
        let isLost = outcome.reason != .lost && release(held.lease, store, signals) == false
        if let reason = outcome.reason ?? (isLost ? .lost : nil) {
            warn(explanation(reason, hasEndedItself: outcome.reason == nil))
            throw LockCommand.ended
        }
        // So that a shell that waits for this process sees it, and ends a loop around it.
        if outcome.isInterrupted, outcome.end == .signal(SIGINT) { throw Interrupted(signal: SIGINT) }
        throw ExitCode(outcome.end.status)
    }

    /// - Returns: nil if the store fails, or a signal comes: this process ends, and with it the lock.
    private func release(_ lease: TTLStore.Lease, _ store: TTLStore, _ signals: SignalPipe) -> Bool? {
        do {
            return try BusyRetry(signals: signals) { try store.release(lease) }
        } catch {
            let reason = (error as? TTLStoreError)?.withoutOperation ?? "a signal has come while the file was locked"
            warn("the lock stays until others see that this process has ended, or its lease: \(reason)")
            return nil
        }
    }

    private func explanation(_ reason: Tenure.Reason, hasEndedItself: Bool) -> String {
        switch reason {
        case .overdue: "the command was ended, since it has held the lock for the time of --for"
        case .lost where hasEndedItself: "the lock was lost before the command had ended"
        case .lost: "the command was ended, since the lock was lost"
        }
    }

    private func warn(_ text: String) { Terminal.writeError("ttl: lock: \(PrintableText.escaped(text))\n") }

    private var sharing: LockSharing { shared ? .shared : slots.map(LockSharing.slots) ?? .exclusive }

    private var patience: LockWaiter.Patience {
        get throws {
            if noWait { return .none }
            guard let wait else { return .forever }
            if DurationFormat.isZero(wait) { return .none }
            return .until(.now + (try DurationFormat.parse(wait, option: "--wait")))
        }
    }

    private var longestTime: Duration? {
        get throws { try longest.map { try DurationFormat.parse($0, option: "--for") } }
    }
}
