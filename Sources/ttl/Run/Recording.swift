#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// Runs a command, passes its output on as it comes, and records it.
struct Recording {
    let program: ProgramFile
    let command: CommandWords
    /// Added to the command's environment.
    let variables: [String: String]
    let input: Int32
    /// Whether the output is seen, or only recorded.
    let isSeen: Bool
    /// The most bytes of output that are recorded.
    let limit: Int
    let signals: SignalPipe

    struct Outcome {
        let end: ChildProcess.End
        /// Nil where it is to be neither stored nor shared: too large, or this process was told to end.
        let recorded: RecordedRun?
        let isTooLarge: Bool
        /// The signal that told this process to end.
        let signal: Int32?
        /// Holds the output that a slow reader has not taken yet.
        var delivery: Delivery
    }

    /// Returns when the command has ended and everything is recorded. A slow reader makes nobody wait who waits for the
    /// recorded run. Only a command whose output is too large to be recorded waits for its reader, and ends if that
    /// leaves early, as without this process between them.
    /// - Parameter tick: called now and then, at least every second, with whether the output is too large.
    func run(tick: (_ isTooLarge: Bool) -> Void) throws -> Outcome {
        var (output, outputEnd) = try Channel.open(.out)
        var (errors, errorsEnd) = try Channel.open(.err)
        // One that comes after this the command gets as well, if it is the terminal's.
        if let number = signals.read().first(where: { $0 != SIGCHLD }) { throw Interrupted(signal: number) }
        let child: ChildProcess
        do {
            defer { for end in [outputEnd, errorsEnd] { close(end) } }
            child = try ChildProcess(
                program, arguments: command.bytes, variables: variables, input: input, output: outputEnd,
                errors: errorsEnd, bond: .signal(SIGTERM))
        }
        var delivery = Delivery(isSeen: isSeen)
        var recorded = RecordedRun(command: command.text)
        var (end, signal): (ChildProcess.End?, Int32?)
        var size = 0
        // What the command has left running may hold its pipes for long; that is waited for, unless a signal has come.
        while end == nil || (signal == nil && !(output.isAtEnd && errors.isAtEnd)) {
            let isHeld = { (stream: RecordedRun.Stream) in size > limit && delivery.isBlocked(stream) }
            let ready = Recording.wait(
                [pollfd(fd: signals.descriptor, events: Int16(POLLIN), revents: 0)]
                    + [output.question(isHeld: isHeld(.out)), errors.question(isHeld: isHeld(.err))]
                    + delivery.questions)
            for received in signals.received() where received.number != SIGCHLD {
                signal = received.number
                // The terminal has sent these to the command as well.
                let isKnown = received.isFromTerminal && [SIGINT, SIGQUIT].contains(received.number)
                if !isKnown, end == nil { child.send(received.number) }
            }
            if end == nil { end = child.endIfAny() }
            func take(_ channel: inout Channel) {
                let bytes = channel.take()
                size += bytes.count
                if size <= limit { recorded.append(bytes, to: channel.stream) } else { recorded.removeOutput() }
                delivery.add(bytes, to: channel.stream)
            }
            for lane in 0..<2 where ready[3 + lane] { delivery.passOn(lane) }
            if ready[1] { take(&output) }
            if ready[2] { take(&errors) }
            if size > limit {
                // Nobody gets what still comes.
                if delivery.failures[.out] != nil { output.end() }
                if delivery.failures[.err] != nil { errors.end() }
            }
            tick(size > limit)
        }
        guard let end else { preconditionFailure("the loop ends with the command") }
        recorded.status = end.status
        return Outcome(
            end: end, recorded: signal == nil && size <= limit ? recorded : nil, isTooLarge: size > limit,
            signal: signal, delivery: delivery)
    }

    /// Which of the questions have an answer, after at most a second.
    static func wait(_ questions: [pollfd]) -> [Bool] {
        var all = questions
        guard poll(&all, nfds_t(all.count), 1000) > 0 else { return all.map { _ in false } }
        return all.map { $0.revents != 0 }
    }
}
