import TTLStore
import TTLTestSupport

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// The work of a process that is killed in the middle of a backup or a vacuum.
let maintenanceCommands: [String: Command] = [
    // PATH DESTINATION CALL: begins a backup, and stays in that call of its progress. Prints "inside".
    "backup-forever": { arguments in
        let store = try openByHand(arguments[0])
        try store.backup(to: arguments[1], progress: stay(inCall: arguments[2]))
    },
    // PATH CALL: as backup-forever, with a vacuum.
    "vacuum-forever": { arguments in
        let store = try openByHand(arguments[0])
        try store.vacuum(progress: stay(inCall: arguments[1]))
    },
    // PATH DESTINATION: makes the backups DESTINATION-0, DESTINATION-1, …, and prints the number of each that is done.
    "backups": { arguments in
        let store = try openByHand(arguments[0])
        for number in 0... {
            try store.backup(to: "\(arguments[1])-\(number)")
            say("\(number)")
        }
    },
]

private func openByHand(_ path: String) throws -> TTLStore {
    var configuration = TTLStore.Configuration()
    configuration.purging = .manual
    return try TTLStore(path: path, configuration: configuration)
}

private func stay(inCall call: String) -> (TTLStore.Progress) -> Void {
    let calls = Counter()
    return { _ in
        calls.add()
        guard calls.value == Int(call) else { return }
        say("inside")
        while true { pause() }
    }
}
