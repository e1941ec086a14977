// The other process in tests about processes.
//
// The first argument names a command, the rest are the command's own. A command prints a line whenever the test may go
// on. One that throws prints the error on standard error and exits with 1.
import TTLTestSupport

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

typealias Command = @Sendable (_ arguments: [String]) throws -> Void

let groups: [[String: Command]] = [
    writingCommands,
    racingCommands,
    transactionCommands,
    maintenanceCommands,
    lockCommands,
    lifeCommands,
    faultCommands,
    surroundingCommands,
    creationCommands,
    forkCommands,
    crashCommands,
    countingCommands,
    leaseCommands,
    computeCommands,
    historyCommands,
    loadCommands,
    soakCommands,
    logCommands,
    damageCommands,
]

// The test may have been running on a thread that blocks signals, which is inherited.
var noSignals = sigset_t()
sigemptyset(&noSignals)
sigprocmask(SIG_SETMASK, &noSignals, nil)

let arguments = Array(CommandLine.arguments.dropFirst())
let name = arguments.first ?? ""
let rest = Array(arguments.dropFirst())
do {
    if let command = groups.lazy.compactMap({ $0[name] }).first {
        try command(rest)
    } else if try !OpeningCommands.run(name, rest) {
        complain("unknown command \(name)")
        exit(64)
    }
} catch {
    complain("\(error)")
    exit(1)
}
