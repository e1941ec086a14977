import Foundation
import TTLStore
import TTLTestSupport

let leaseCommands: [String: Command] = [
    // PATH NAME COUNT: on a line of input tries to acquire NAME:0, NAME:1, … on two threads, and prints the name and
    // the token of each that it got.
    "acquire": { arguments in
        try race(arguments[0]) { store, _ in
            for number in 0..<(Int(arguments[2]) ?? 1) {
                let name = "\(arguments[1]):\(number)"
                if let lease = try store.acquireLease(name, for: .seconds(3600)) { say("\(name) \(lease.token)") }
            }
        }
    },
    // PATH NAME TIME: acquires a lease for TIME milliseconds, prints its token and its end, and waits for a signal.
    "keep-lease": { arguments in
        let store = try TTLStore(path: arguments[0])
        let duration = Duration.milliseconds(Int64(arguments[2]) ?? 1000)
        guard let lease = try store.acquireLease(arguments[1], for: duration) else { return say("held") }
        say("\(lease.token) \(Int64((lease.expiresAt.timeIntervalSince1970 * 1000).rounded()))")
        withExtendedLifetime(store) { while true { pause() } }
    },
]
