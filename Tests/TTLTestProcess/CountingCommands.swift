import TTLStore
import TTLTestSupport

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// The counts of a process's stores.
let countingCommands: [String: Command] = [
    // PATH: prints the counts after each opening and closing.
    "count-stores": { arguments in
        let path = arguments[0]
        sayCounts("at first")
        let first = try TTLStore(path: path)
        var second: TTLStore? = try TTLStore(path: path)
        sayCounts("two")
        var configuration = TTLStore.Configuration()
        configuration.purging = .manual
        let manual = try TTLStore(path: path, configuration: configuration)
        sayCounts("one by hand")
        configuration.access = .readOnly
        let reader = try TTLStore(path: path, configuration: configuration)
        sayCounts("one to read")
        _ = try? TTLStore(path: path + "/nonsense")
        sayCounts("a failed one")
        first.close()
        first.close()
        sayCounts("one closed twice")
        _ = second
        second = nil
        sayCounts("one dropped")
        manual.close()
        reader.close()
        sayCounts("all closed")
    },
    // PATH: closes a store on its own thread.
    "count-callback": { arguments in
        let holder = StoreHolder()
        var configuration = TTLStore.Configuration()
        configuration.onExpirerActivity = { _ in holder.store?.close() }
        let store = try TTLStore(path: arguments[0], configuration: configuration)
        sayCounts("open")
        holder.store = store
        try store.set("key", "value", expiring: .after(.milliseconds(1)))
        _ = eventually { TTLStore.openStoreCount == 0 && TTLStore.expirerThreadCount == 0 }
        sayCounts("in the end")
    },
    // FOLDER: opens and closes stores on eight threads.
    "count-threads": { arguments in
        onThreads(8) { thread in
            for number in 0..<20 {
                guard let store = try? TTLStore(path: arguments[0] + "/\(number % 3).db") else { continue }
                if TTLStore.openStoreCount < 1 || TTLStore.expirerThreadCount < 1 { say("a store was not counted") }
                if thread % 2 == 0 { store.close() }
            }
        }
        sayCounts("in the end")
    },
    // PATH: forks with an open store, and prints the counts in the child and then in the parent.
    "count-fork": { arguments in
        let store = try TTLStore(path: arguments[0])
        try store.set("key", "value")
        try waitForSleep(of: store)
        let child = forkProcess()
        if child == 0 {
            sayCounts("child")
            let own = try TTLStore(path: arguments[0] + "-child")
            sayCounts("child's own")
            store.close()
            own.close()
            sayCounts("child closed")
            _exit(0)
        }
        var status: Int32 = 0
        waitpid(child, &status, 0)
        sayCounts("parent")
        store.close()
    },
]

private func sayCounts(_ when: String) {
    say("\(when): \(TTLStore.openStoreCount) stores, \(TTLStore.expirerThreadCount) threads")
}
