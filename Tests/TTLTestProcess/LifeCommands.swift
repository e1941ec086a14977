import Foundation
import TTLStore
import TTLTestSupport

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// How a store's life ends.
let lifeCommands: [String: Command] = [
    // FOLDER COUNT close|drop: opens, uses and ends that many stores, and prints threads and descriptors before and
    // after.
    "cycle": { arguments in
        try endOneStore(arguments[0], closing: arguments[2] == "close")
        say("\(Census.threads) \(Census.descriptors())")
        for _ in 0..<(Int(arguments[1]) ?? 1) { try endOneStore(arguments[0], closing: arguments[2] == "close") }
        // A joined thread may show for a moment.
        _ = eventually { Census.threads(named: "TTLStore.expire") == 0 }
        say("\(Census.threads) \(Census.descriptors())")
    },
    // PATH: stores an entry, prints "stored", and returns without close, with the expirer at work.
    "leave": { arguments in
        let store = try TTLStore(path: arguments[0])
        for number in 0..<500 { try store.set("due:\(number)", "x", expiring: .after(.milliseconds(1))) }
        try store.set("key", "value")
        _ = try eventually { try store.statistics().wakeUps > 0 }
        say("stored")
        _ = Unmanaged.passRetained(store)
    },
    // PATH: twice opens a store, and prints the first three descriptors meanwhile, and how many there are when the
    // store is closed.
    "descriptors": { arguments in
        for _ in 1...2 {
            let store = try TTLStore(path: arguments[0])
            try store.set("key", "value")
            let names = (0...2).map { number in
                (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(number)")) ?? "closed"
            }
            store.close()
            say("\(names.joined(separator: " ")) \(Census.descriptors())")
        }
    },
    // PATH SIGN: opens a store, closes standard input, opens another store on the same path and closes it, and prints
    // "ready". When there is a file at the path SIGN, stores "after" and prints "stored" or the error's code.
    "close-input": { arguments in
        let store = try TTLStore(path: arguments[0])
        try store.set("before", "value")
        close(STDIN_FILENO)
        let other = try TTLStore(path: arguments[0])
        _ = try other.get("before")
        other.close()
        say("ready")
        _ = eventually { access(arguments[1], F_OK) == 0 }
        do {
            try store.set("after", "value")
            say("stored")
        } catch let error as TTLStoreError {
            say(error.code.description)
        }
        store.close()
    },
    // PATH: stores an entry, prints "stored", and waits for a signal.
    "linger": { arguments in
        let store = try TTLStore(path: arguments[0])
        try store.set("key", "value")
        say("stored")
        withExtendedLifetime(store) { while true { pause() } }
    },
    // PATH: opens a store with a busy timeout of an hour, whose thread has something to purge ten times a second. On a
    // line of input waits until it has failed to get the lock; on the next line closes the store and counts the threads
    // and descriptors that are left.
    "close": { arguments in
        let failures = Counter()
        var configuration = TTLStore.Configuration()
        configuration.busyTimeout = .seconds(3600)
        configuration.onExpirerActivity = { activity in
            if case .failed(let error) = activity, error.code == .busy { failures.add() }
        }
        let store = try TTLStore(path: arguments[0], configuration: configuration)
        try store.setAll(
            (0..<3000).map { .init("due:\($0)", .text("x"), expiring: .after(.milliseconds(100 * $0 + 1))) })
        // A thread takes its name a moment after it has begun.
        _ = eventually { Census.threads(named: "TTLStore.expire") == 1 }
        say("open \(Census.threads(named: "TTLStore.expire"))")
        _ = readLine()
        let before = failures.value
        say(eventually { failures.value > before } ? "busy" : "idle")
        _ = readLine()
        store.close()
        _ = eventually { Census.threads(named: "TTLStore.expire") == 0 }
        say("\(Census.threads(named: "TTLStore.expire")) \(Census.descriptors(below: arguments[0]))")
        _ = readLine()
    },
]

private func endOneStore(_ folder: String, closing: Bool) throws {
    let store = try TTLStore(path: folder + "/cycle.db")
    try store.set("key", "value", expiring: .after(.milliseconds(1)))
    _ = try store.get("key")
    if closing { store.close() }
}
