import TTLStore

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// How a command is run and its run kept.
extension Runner {
    /// The variable in a command's environment that lists the runs of which it is a part, one a line.
    private static let variable = "TTL_RUN_WITHIN"

    private var enclosing: [String] {
        Environment.text(Runner.variable).map { $0.split(separator: "\n").map(String.init) } ?? []
    }

    /// A command that asks for its own run would wait for itself.
    func requireNoRecursion() throws {
        guard enclosing.contains(plan.key) else { return }
        throw CommandFailure(
            message:
                "run: \(plan.command.text[0]) asks for the run of which it is a part; call it by another path there")
    }

    /// Runs the command, and stores what it did.
    /// - Parameter lease: nil for a run beside others.
    func make(_ lease: RunLease?, in store: TTLStore, isSeen: Bool) throws -> Recording.Outcome {
        var lease = lease
        defer { lease?.release() }
        var nextTelling = ContinuousClock.now
        let outcome = try record(isSeen: isSeen, limit: plan.limit) { isTooLarge in
            // Those who wait would wait in vain. In the background, one at a time is enough.
            if isTooLarge, isSeen, let held = lease, ContinuousClock.now >= nextTelling {
                if tellTooLarge(held) { lease = nil }
                // The file may be locked for long, and the output goes on.
                nextTelling = .now + .seconds(1)
            }
            lease?.renewIfDue()
        }
        if outcome.isTooLarge {
            warn("the output has more than \(plan.limit) bytes, and is not stored (see --max-size)")
        }
        try keep(outcome, lease, in: store)
        lease = nil
        return outcome
    }

    func record(
        isSeen: Bool = true, limit: Int, tick: (_ isTooLarge: Bool) -> Void
    ) throws -> Recording.Outcome {
        do {
            return try Recording(
                program: plan.program, command: plan.command,
                variables: [Runner.variable: (enclosing + [plan.key]).joined(separator: "\n")], input: plan.input,
                isSeen: isSeen, limit: limit, signals: signals
            ).run(tick: tick)
        } catch let failure as ChildProcess.StartFailure {
            throw RunCommand.failure(to: failure, plan.command)
        }
    }

    /// What the command's end means for this process, once its output is delivered.
    func status(_ outcome: Recording.Outcome) throws -> Int32 {
        var outcome = outcome
        if outcome.signal == nil { try outcome.delivery.finish(signals) }
        if let signal = outcome.signal, outcome.end == .signal(signal) { throw Interrupted(signal: signal) }
        try outcome.delivery.requireOutput()
        return outcome.end.status
    }

    func warn(_ message: String) { Terminal.writeError("ttl: run: \(PrintableText.escaped(message))\n") }
}
