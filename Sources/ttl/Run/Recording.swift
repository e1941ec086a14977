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
    let arguments: [String]
    let input: Int32
    /// Whether the output is seen, or only recorded.
    let isSeen: Bool
    /// The most bytes of output that are recorded.
    let limit: Int
    let signals: SignalPipe

    struct Outcome {
        let end: ChildProcess.End
        /// Nil where it is not to be stored: too large, or the command or this process was told to end.
        let recorded: RecordedRun?
        let isTooLarge: Bool
        /// The signal that told this process to end.
        let signal: Int32?
        /// The errors of passing on the output, and the errors of the command.
        let (outputFailure, errorFailure): (Int32?, Int32?)
    }

    /// - Parameter tick: called now and then, at least every second.
    func run(tick: () -> Void) throws -> Outcome {
        var (output, outputEnd) = try Channel.open(.out, to: isSeen ? STDOUT_FILENO : nil)
        var (errors, errorsEnd) = try Channel.open(.err, to: isSeen ? STDERR_FILENO : nil)
        let child: ChildProcess
        do {
            defer { for end in [outputEnd, errorsEnd] { close(end) } }
            child = try ChildProcess(
                program, arguments: arguments, input: input, output: outputEnd, errors: errorsEnd,
                bond: .signal(SIGTERM))
        }
        var recorded = RecordedRun(command: arguments)
        var (end, signal): (ChildProcess.End?, Int32?)
        var size = 0
        // What the command has left running may hold its pipes for long; that is waited for, unless a signal has come.
        while end == nil || (signal == nil && !(output.isDone && errors.isDone)) {
            let ready = wait([signals.descriptor], output.question, errors.question)
            tick()
            for number in signals.read() where number != SIGCHLD {
                signal = number
                // The terminal has sent these to the command as well.
                if number != SIGINT, number != SIGQUIT, end == nil { child.send(number) }
            }
            if end == nil { end = child.endIfAny() }
            func take(_ bytes: ArraySlice<UInt8>, _ stream: RecordedRun.Stream) {
                size += bytes.count
                if size <= limit { recorded.append(bytes, to: stream) } else { recorded.removeOutput() }
            }
            if ready[1] { take(output.step(), .out) }
            if ready[2] { take(errors.step(), .err) }
        }
        guard let end else { preconditionFailure("the loop ends with the command") }
        if case .exited(let status) = end { recorded.status = status }
        let isWhole = if case .exited = end { signal == nil } else { false }
        return Outcome(
            end: end, recorded: isWhole && size <= limit ? recorded : nil, isTooLarge: size > limit, signal: signal,
            outputFailure: output.failure, errorFailure: errors.failure)
    }

    /// Which of the questions have an answer, after at most a second.
    private func wait(_ inputs: [Int32], _ questions: pollfd...) -> [Bool] {
        var all = inputs.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) } + questions
        guard poll(&all, nfds_t(all.count), 1000) > 0 else { return all.map { _ in false } }
        return all.map { $0.revents != 0 }
    }
}
