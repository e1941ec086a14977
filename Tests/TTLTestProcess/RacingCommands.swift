import TTLStore
import TTLTestSupport

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// Operations of several processes on the same keys, each on two threads, from a line of input on.
let racingCommands: [String: Command] = [
    // PATH KEY COUNT: tries to be the first to store KEY:0, KEY:1, …, and prints each key that it has won.
    "claim": { arguments in
        try race(arguments[0]) { store, _ in
            for key in keys(arguments) {
                if try store.set(key, Int(getpid()), when: .ifAbsent) == .stored { won(key) }
            }
        }
    },
    // PATH KEY COUNT: tries to take KEY:0, KEY:1, …, and prints each key whose value it got.
    "take": { arguments in
        try race(arguments[0]) { store, _ in
            for key in keys(arguments) {
                if try store.take(key) != nil { won(key) }
            }
        }
    },
    // PATH KEY COUNT: adds one that many times, in three ways by turns, and prints each sum that it has made.
    "increment": { arguments in
        try race(arguments[0]) { store, _ in
            for number in 0..<(Int(arguments[2]) ?? 1) { say("\(try increment(store, arguments[1], way: number % 3))") }
        }
    },
    // PATH KEY COUNT: exchanges the value that many times for a unique one, and prints the new one and the previous
    // one.
    "exchange": { arguments in
        try race(arguments[0]) { store, thread in
            for number in 0..<(Int(arguments[2]) ?? 1) {
                let new = "\(getpid()):\(thread):\(number)"
                guard case .text(let previous) = try store.exchange(arguments[1], new).previous else { continue }
                say("\(new) \(previous)")
            }
        }
    },
    // PATH NAME ACCOUNTS COUNT: moves growing amounts among NAME:0, NAME:1, … that many times, and prints the sum of
    // all after each time.
    "transfer": { arguments in
        let accounts = keys(arguments)
        try race(arguments[0]) { store, thread in
            for step in 0..<(Int(arguments[3]) ?? 1) {
                let from = accounts[(thread + step) % accounts.count]
                let to = accounts[(thread * 3 + step * 5 + 1) % accounts.count]
                try store.transaction { transaction in
                    try transaction.decrement(from, by: Int64(step))
                    try transaction.update(to, as: Int.self) { $0 = ($0 ?? 0) + step }
                }
                say("\(try store.getAll(accounts, as: Int.self).compactMap(\.self).reduce(0, +))")
            }
        }
    },
]

/// Runs `body` on two threads when the test gives the sign, and prints each failure.
func race(_ path: String, _ body: @escaping @Sendable (TTLStore, _ thread: Int) throws -> Void) throws {
    let store = try TTLStore(path: path)
    say("ready")
    _ = readLine()
    onThreads(2) { thread in
        do { try body(store, thread) } catch { say("\(error)") }
    }
    store.close()
}

/// A winner pauses: a process that has just written would otherwise be the next to write, and win nearly all.
private func won(_ key: String) {
    say(key)
    usleep(500)
}

private func keys(_ arguments: [String]) -> [String] {
    (0..<(Int(arguments[2]) ?? 1)).map { "\(arguments[1]):\($0)" }
}

private func increment(_ store: TTLStore, _ key: String, way: Int) throws -> Int64 {
    switch way {
    case 0: try store.increment(key)
    case 1: try store.transaction { try $0.increment(key) }
    default:
        try store.update(key, as: Int64.self) { sum in
            let new = (sum ?? 0) + 1
            sum = new
            return new
        }
    }
}
