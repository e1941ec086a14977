import CTTLSQLite
import Synchronization
import TTLStore
import TTLTestSupport

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

let faultCommands: [String: Command] = [
    // PATH: does what each line of input says, with a file system whose writes can be made to fail:
    //   fail NUMBER     from now on writes fail with that errno; 0 ends it
    //   set KEY TTL     stores an entry that expires after TTL milliseconds, 0 for never
    //   get KEY         reads it
    //   expirer         what the expirer has done: entries purged, failures, the last error's code
    //   group KEY …     stores entries from one thread each, at the same time; prints "KEY result" for each, then "done"
    // and prints the result, or the error's code.
    "faults": { arguments in
        replaceWrite()
        var configuration = TTLStore.Configuration()
        configuration.maximumLogSize = 1 << 30
        let store = try TTLStore(path: arguments[0], configuration: configuration)
        say("ready")
        while let line = readLine() {
            let words = line.split(separator: " ").map(String.init)
            do {
                say(try obey(words, store))
            } catch let error as TTLStoreError {
                say("\(error.code)\(error.isOutcomeUnknown ? " outcome unknown" : "")")
            }
        }
        store.close()
        say("closed")
    }
]

private func obey(_ words: [String], _ store: TTLStore) throws -> String {
    switch words[0] {
    case "fail":
        failure.store(Int32(words[1]) ?? 0, ordering: .sequentiallyConsistent)
        return "failing \(words[1])"
    case "set":
        let timeToLive = Int64(words[2]) ?? 0
        try store.set(words[1], "value", expiring: timeToLive > 0 ? .after(.milliseconds(timeToLive)) : .never)
        return "stored"
    case "get": return try store.get(words[1]) ?? "absent"
    case "expirer":
        let statistics = try store.statistics()
        return "\(statistics.purgedEntries) \(statistics.failures) \(statistics.lastError?.code.description ?? "none")"
    case "group":
        onThreads(words.count - 1) { number in
            let key = words[number + 1]
            do throws(TTLStoreError) {
                try store.set(key, "value")
                say("\(key) stored")
            } catch { say("\(key) \(error.code)") }
        }
        return "done"
    default: return "?"
    }
}

// MARK: A file system that fails

/// The errno with which SQLite's writes fail, or 0.
private let failure = Atomic<Int32>(0)

private typealias Write = @convention(c) (Int32, UnsafeRawPointer?, Int, off_t) -> Int

/// Puts a function of ours in the place of the `pwrite` that SQLite's "unix" VFS calls
/// (https://www.sqlite.org/c3ref/vfs.html, xSetSystemCall).
private func replaceWrite() {
    let replacement: Write = { descriptor, bytes, count, offset in
        let number = failure.load(ordering: .sequentiallyConsistent)
        guard number == 0 else {
            errno = number
            return -1
        }
        return pwrite(descriptor, bytes, count, offset)
    }
    sqlite3_initialize()
    guard let system = sqlite3_vfs_find("unix"), let setCall = system.pointee.xSetSystemCall else { return }
    for name in ["pwrite", "pwrite64"] {
        _ = setCall(system, name, unsafeBitCast(replacement, to: sqlite3_syscall_ptr.self))
    }
}
