import Foundation
import TTLStore
import TTLTestSupport

let historyCommands: [String: Command] = [
    // PATH NUMBER SEED CLIENTS: is that many clients, each on a thread of its own. For each line of input, with the
    // wall clock's time and a number of calls, they call operations on a few keys at random, and print each as JSON,
    // before the call and after it. When all of them have ended, prints "done".
    "history": { arguments in
        let clock = ManualClock()
        var configuration = TTLStore.Configuration()
        configuration.clock = clock.wallClock
        let store = try TTLStore(path: arguments[0], configuration: configuration)
        let (number, seed) = (Int(arguments[1]) ?? 0, UInt64(arguments[2]) ?? 0)
        say("ready")
        var round = 0
        while let line = readLine() {
            let numbers = line.split(separator: " ").compactMap { Int64($0) }
            clock.advance(by: .milliseconds(numbers[0] - clock.now))
            onThreads(Int(arguments[3]) ?? 1) { [round] thread in
                let encoder = JSONEncoder()
                var client = HistoryClient(number * 1000 + round * 10 + thread, store, clock, seed: seed)
                client.run(calls: Int(numbers[1])) { event in
                    say((try? encoder.encode(event)).map { String(decoding: $0, as: UTF8.self) } ?? "no JSON")
                }
            }
            say("done")
            round += 1
        }
        store.close()
    }
]
