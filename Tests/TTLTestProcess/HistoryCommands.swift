import Foundation
import TTLStore
import TTLTestSupport

let historyCommands: [String: Command] = [
    // PATH NUMBER SEED: is one client. For each line of input, with the wall clock's time and a number of calls, calls
    // operations on a few keys at random, and prints each as JSON, before the call and after it, then "done".
    "history": { arguments in
        let clock = ManualClock()
        var configuration = TTLStore.Configuration()
        configuration.clock = clock.wallClock
        let store = try TTLStore(path: arguments[0], configuration: configuration)
        var client = HistoryClient(Int(arguments[1]) ?? 0, store, clock, seed: UInt64(arguments[2]) ?? 0)
        say("ready")
        let encoder = JSONEncoder()
        while let line = readLine() {
            let numbers = line.split(separator: " ").compactMap { Int64($0) }
            clock.advance(by: .milliseconds(numbers[0] - clock.now))
            client.run(calls: Int(numbers[1])) { event in
                say((try? encoder.encode(event)).map { String(decoding: $0, as: UTF8.self) } ?? "no JSON")
            }
            say("done")
        }
        store.close()
    }
]
