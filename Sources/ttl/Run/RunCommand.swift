import ArgumentParser
import TTLStore

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", _superCommandName: "ttl",
        abstract: "Runs a command once, and replays what it did until that expires.",
        discussion: """
            ttl run --ttl 5m -- git ls-remote origin
            ttl run --ttl 1d --stale 1h --cwd -- ./weather.sh
            ttl run --input schema.json -- generate schema.json
            ttl run --forget --all -- git            all runs of git

            Standard output, standard error and the exit status are replayed. Which run is found depends on the \
            arguments, the program's path and the time of its last change, and on what the options below name. --ttl \
            ($TTL_RUN_TTL) bounds the age of what is replayed as well. It may be left out where --input, --modtime or \
            --stdin is given; such a run is stored for 30 days.

            Of processes that ask at the same time, one runs the command; the others wait and replay, also where the \
            run is not stored, since a signal has ended the command or because of --discard-failures. Where there is \
            too much output to be stored, each of them runs it. If the one that runs it is killed, another one takes \
            over. On Linux its command gets SIGTERM then.

            TTL_RUN=off: the command runs, and nothing is looked up or stored.

            Exit status: the command's; 128+n where signal n has ended it; 126 or 127 where it can't be started; 1 \
            from --status and --forget where there is no such run. If the store fails, the command runs all the same.
            """)

    @OptionGroup var location: StoreLocation

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("For how long a run is replayed.", valueName: "duration"))
    var ttl: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Older than that, a run is still replayed, and made anew in the background.", valueName: "duration"))
    var stale: String?

    @OptionGroup(title: "What the run depends on") var keys: RunKeyOptions

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            """
            The most output that is stored, e.g. 500k; 4M if not given, up to 16M, of bytes that are not text a little \
            less than 12M, since they are kept as Base64.
            """, valueName: "bytes"))
    var maxSize: String?

    @Flag(help: "Runs the command in any case, and stores the run.")
    var force = false

    @Flag(help: "Runs the command in the background in any case, and returns at once.")
    var warm = false

    @Flag(help: "Prints whether a run is stored, its age and the time left.")
    var status = false

    @Flag(help: "Removes the stored run, and prints how many were removed.")
    var forget = false

    @Flag(help: "With --forget: all runs of the program, whatever its arguments; without a command, all runs.")
    var all = false

    @Flag(help: "With --status: prints one line of JSON.")
    var json = false

    @Flag(help: "With --status and --forget: prints nothing; the exit status tells.")
    var quiet = false

    @Flag(help: .hidden)
    var inBackground = false

    @Argument(parsing: .postTerminator, help: "The command and its arguments, after '--'.")
    var command: [String] = []

    func validate() throws {
        guard [force, warm, status, forget].count(where: { $0 }) <= 1 else {
            throw ValidationError("--force, --warm, --status and --forget exclude one another")
        }
        if all, !forget { throw ValidationError("--all goes with --forget") }
        if json, !status { throw ValidationError("--json goes with --status") }
        if warm, stale != nil { throw ValidationError("--warm and --stale exclude one another") }
        if quiet, !forget, !status { throw ValidationError("--quiet goes with --status or --forget") }
        if forgetsMany, keys.tellRunsApart {
            throw ValidationError(
                "--forget with --all, or without a command, takes --scope alone; one run has its command or --key"
            )
        }
        if command.isEmpty, try !needsNoCommand { throw ValidationError("the command is missing; it goes after '--'") }
        if command.first == "" { throw ValidationError("the command's name is empty") }
        _ = try limit
        let (timeToLive, staleAfter) = (try timeToLive, try staleAfter)
        guard timeToLive != nil || keys.nameInput || forget || status else {
            throw ValidationError("--ttl is missing: how long may the run be replayed?")
        }
        if let staleAfter, staleAfter >= timeToLive ?? RunQuery.longest {
            throw ValidationError("--stale must be shorter than --ttl")
        }
    }

    /// Whether all runs of a program, of a scope or of the store are removed.
    private var forgetsMany: Bool { forget && (all || command.isEmpty && keys.key == nil) }

    private var needsNoCommand: Bool {
        get throws {
            if status { return keys.key != nil }
            return try forget && (all || keys.key != nil || keys.effectiveScope != nil)
        }
    }

    func run() throws {
        let forgetting = Forgetting(location: location, quiet: QuietOption(isSet: quiet))
        if forgetsMany { return try forgetting.all(of: command.first, scope: keys.effectiveScope) }
        let command = CommandWords(command)
        if forget || status {
            let query = try query(command, try spool()) { try program(of: command) }
            if forget { return try forgetting.one(query.key) }
            return try RunStatus(query: query, location: location).print(as: quiet ? .none : json ? .json : .text)
        }
        let plan = try plan(program(of: command), command, try spool())
        let isOff = Environment.text("TTL_RUN") == "off"
        if warm, !inBackground { return isOff ? () : try startInBackground(plan) }
        let signals = try SignalPipe(SignalPipe.endings + [SIGCHLD])
        let runner = Runner(plan: plan, location: location, signals: signals)
        if inBackground { return try runner.runInBackground(isForced: warm) }
        throw ExitCode(
            isOff ? try runner.runAlone() : try runner.run(isForced: force) { try startInBackground(plan) })
    }

    private func program(of command: CommandWords) throws -> ProgramFile {
        do {
            return try ProgramFile(named: command.bytes[0])
        } catch {
            throw RunCommand.failure(to: error, command)
        }
    }

    static func failure(to start: ChildProcess.StartFailure, _ command: CommandWords) -> CommandFailure {
        CommandFailure(message: "run: \(command.text[0]): \(start.reason)", status: start.status)
    }

    private func spool() throws -> Spool? { keys.stdin ? try Spool() : nil }

    private func query(
        _ command: CommandWords, _ spool: Spool?, program: () throws -> ProgramFile
    ) throws -> RunQuery {
        RunQuery(
            key: try keys.key(of: command, spool: spool, program: program), timeToLive: try timeToLive,
            staleAfter: try staleAfter)
    }

    private func plan(_ program: ProgramFile, _ command: CommandWords, _ spool: Spool?) throws -> RunPlan {
        RunPlan(
            program: program, command: command, query: try query(command, spool) { program },
            tag: RunKey.tag(scope: try keys.effectiveScope), input: spool?.descriptor ?? STDIN_FILENO,
            discardsFailures: keys.discardFailures, limit: try limit)
    }

    // MARK: The background

    /// Starts this command line again, in a session of its own, where its output is not seen.
    private func startInBackground(_ plan: RunPlan) throws {
        let nothing = open("/dev/null", O_RDWR | O_CLOEXEC)
        defer { close(nothing) }
        let input = keys.stdin ? plan.input : nothing
        if keys.stdin { lseek(input, 0, SEEK_SET) }
        let words = CommandWords.line
        let end = words.firstIndex(of: CommandWords.separator) ?? words.endIndex
        let arguments = words[..<end] + [Array("--in-background".utf8CString)] + words[end...]
        do {
            _ = try ChildProcess(
                try ProgramFile.own, arguments: Array(arguments), input: input, output: nothing, errors: nothing,
                bond: .none)
        } catch {
            throw CommandFailure(message: "run: it can't be started in the background: \(error.reason)")
        }
    }

    // MARK: The values of options

    private var timeToLive: Duration? {
        get throws {
            if let ttl { return try DurationFormat.parse(ttl, option: "--ttl") }
            return try Environment.text("TTL_RUN_TTL").map { try DurationFormat.parse($0, option: "TTL_RUN_TTL") }
        }
    }

    private var staleAfter: Duration? {
        get throws { try stale.map { try DurationFormat.parse($0, option: "--stale") } }
    }

    private var limit: Int {
        get throws {
            guard let maxSize else { return 4 << 20 }
            let units = ["": 1, "k": 1 << 10, "K": 1 << 10, "M": 1 << 20]
            let digits = maxSize.prefix { $0.isASCII && $0.isWholeNumber }
            let largest = TTLStore.Configuration().maximumValueSize
            guard let unit = units[String(maxSize.dropFirst(digits.count))], let number = Int(digits), number > 0,
                number <= largest / unit
            else { throw ValidationError("--max-size: not a number of bytes such as 500k or 4M, up to 16M") }
            return number * unit
        }
    }
}
