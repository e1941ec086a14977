import TTLStore
import TTLTestSupport

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

let writingCommands: [String: Command] = [
    // PATH PREFIX SIZE: stores values of mixed sizes up to SIZE for ever, and prints each key when it is acknowledged.
    // Every third entry expires at once and is not printed, so that the expirer has work.
    "write": { arguments in
        let store = try TTLStore(path: arguments[0])
        let size = Int(arguments[2]) ?? 100
        for number in 0... {
            let key = "\(arguments[1]):\(number)"
            let value = [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: number &* 7919 % size)
            if number % 3 == 2 {
                try store.set(key, value, expiring: .after(.milliseconds(20)))
            } else {
                try store.set(key, value)
                say(key)
            }
        }
    },
    // PATH PREFIX: opens, stores one entry, prints its key, and closes, for ever.
    "reopen": { arguments in
        for number in 0... {
            let key = "\(arguments[1]):\(number)"
            let store = try TTLStore(path: arguments[0])
            try store.set("due:" + key, key, expiring: .after(.milliseconds(1)))
            try store.set(key, key)
            say(key)
            store.close()
        }
    },
    // PATH KEY: on each line of input stores the next number, from 1 on, and prints it once it is committed.
    "commit-numbers": { arguments in
        let store = try TTLStore(path: arguments[0])
        var number = 0
        while readLine() != nil {
            number += 1
            try store.set(arguments[1], number)
            say("\(number)")
        }
    },
    // FOLDER PREFIX: creates one store after the other, stores an entry in each, and prints the store's name.
    "create": { arguments in
        for number in 0... {
            let name = "\(arguments[1])-\(number)"
            let store = try TTLStore(path: "\(arguments[0])/\(name).db")
            try store.set("key", name)
            say(name)
            if number % 2 == 0 { store.close() }
        }
    },
    // PATH: lets the expirer work, and prints how many entries it has deleted after each batch.
    "purge": { arguments in
        var configuration = TTLStore.Configuration()
        configuration.onExpirerActivity = { activity in
            if case .purged(let count) = activity { say("\(count)") }
        }
        let store = try TTLStore(path: arguments[0], configuration: configuration)
        withExtendedLifetime(store) { while true { pause() } }
    },
    // PATH: on each line of input purges by hand, and prints how many entries it has deleted. At the end of the input
    // prints the keys that were reported.
    "report": { arguments in
        var configuration = TTLStore.Configuration()
        configuration.purging = .manual
        let store = try TTLStore(path: arguments[0], configuration: configuration)
        let removals = try store.removals(buffering: 1_000_000)
        say("ready")
        while readLine() != nil { say("\(try store.purgeExpired())") }
        store.close()
        let ended = Counter()
        Task {
            for await removal in removals { say(removal.key) }
            ended.add()
        }
        _ = eventually { ended.value > 0 }
    },
    // PATH: stores and removes one entry after the other, and prints the key of each that was reported.
    "churn": { arguments in
        var configuration = TTLStore.Configuration()
        configuration.onRemovals = { removals in
            for removal in removals { say(removal.key) }
        }
        let store = try TTLStore(path: arguments[0], configuration: configuration)
        for number in 0... {
            try store.set("key:\(number)", "x")
            try store.remove("key:\(number)")
        }
    },
    // PATH NAME THREADS COUNT: on each thread stores, reads, extends and removes while entries expire. Prints each
    // failure, then "done".
    "hammer": { arguments in
        let store = try TTLStore(path: arguments[0])
        let count = Int(arguments[3]) ?? 100
        onThreads(Int(arguments[2]) ?? 1) { thread in
            do throws(TTLStoreError) {
                try hammer(store, "\(arguments[1]):\(thread)", count)
            } catch { say("\(error)") }
        }
        store.close()
        say("done")
    },
    // PATH NAME COUNT: extends entries named `session:…` that are about to expire, over and over. Prints "done".
    "extend": { arguments in
        let store = try TTLStore(path: arguments[0])
        say("ready")
        _ = readLine()
        for number in 0..<(Int(arguments[1]) ?? 100) {
            let key = "session:\(number)"
            let outcome = try store.touch(key, expiring: .after(.seconds(3600)))
            if outcome == .touched { say(key) }
        }
        store.close()
    },
    // A path on each line of standard input, of a file or folder that may not exist: THREADS threads open it, store an
    // entry each, and close it. Prints each failure, then "done".
    "race": { arguments in
        umask(0)
        say("ready")
        while let path = readLine() {
            onThreads(Int(arguments[1]) ?? 1) { thread in
                do throws(TTLStoreError) {
                    let store = try TTLStore(path: path)
                    try store.set("\(arguments[0]):\(thread)", path)
                    store.close()
                } catch { say("\(error)") }
            }
            say("done")
        }
    },
    // PATH COUNT: lets that many tasks write at once, and as many others count meanwhile; prints when all of these have
    // ended, and how many writes have succeeded.
    "tasks": { arguments in
        let store = try TTLStore(path: arguments[0])
        let count = Int(arguments[1]) ?? 1
        let writes = Task {
            await withTaskGroup(of: Bool.self) { group in
                for number in 0..<count {
                    group.addTask { (try? await store.set("task:\(number)", "x")) == .stored }
                }
                return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
        }
        let steps = Counter()
        for _ in 0..<count {
            Task {
                for _ in 0..<100 { await Task.yield() }
                steps.add()
            }
        }
        if eventually({ steps.value == count }) { say("\(count) wait, others go on") }
        let (stored, ended) = (Counter(), Counter())
        Task {
            stored.add(await writes.value)
            ended.add()
        }
        _ = eventually { ended.value > 0 }
        say("\(stored.value) stored")
        store.close()
    },
]

/// The entries under `name:kept:…` are there at the end.
private func hammer(_ store: TTLStore, _ name: String, _ count: Int) throws(TTLStoreError) {
    for number in 0..<count {
        let value = String(repeating: "v", count: number &* 7919 % (number % 10 == 0 ? 20_000 : 400))
        try store.set("\(name):kept:\(number)", value)
        try store.set("\(name):brief:\(number)", value, expiring: .after(.milliseconds(Int64(1 + number % 200))))
        _ = try store.set("shared:\(number % 20)", name, expiring: .after(.milliseconds(50)), when: .ifAbsent)
        if try store.get("\(name):kept:\(number)") != value { say("\(name):kept:\(number) is not what was stored") }
        try store.touch("\(name):kept:\(number)", expiring: .after(.seconds(3600)))
        try store.remove("\(name):brief:\(number - 5)")
    }
}
