import CTTLTestFaults
import TTLStore
import TTLTestSupport

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// Commands of processes that share a file whose log is deleted, or that has several names.
let logCommands: [String: Command] = [
    // PATH: opens the store and prints "open"; stores the key on each line of input, and prints "stored" or the error's
    // code. At the end of the input closes the store and prints "closed".
    "serve": { arguments in
        let store = try TTLStore(path: arguments[0])
        say("open")
        while let key = readLine() {
            say(outcome { () throws(TTLStoreError) in "\(try store.set(key, "value of \(key)"))" })
        }
        store.close()
        say("closed")
    },
    // PATH KEY ACCESS: opens the store, stores the key or, with the access "read-only", counts the entries, and closes
    // it. Prints "stored", the count, or the error's code.
    "put": { arguments in put(arguments[0], arguments[1], arguments[2]) },
    // PATH KEY ACCESS SUFFIX LOST: as `put`; when SQLite opens the file with the first suffix, the file with the second
    // one loses its name.
    "put-too-late": { arguments in
        guard ttl_faults_install() == 0 else { return say("no faults") }
        // Kept as long as the process.
        ttl_faults_lose_at_opening(strdup(arguments[3]), strdup(arguments[4]))
        put(arguments[0], arguments[1], arguments[2])
    },
]

private func put(_ path: String, _ key: String, _ access: String) {
    var configuration = TTLStore.Configuration()
    configuration.access = access == "read-only" ? .readOnly : access == "existing" ? .existing : .create
    configuration.busyTimeout = .milliseconds(300)
    say(
        outcome { () throws(TTLStoreError) in
            let store = try TTLStore(path: path, configuration: configuration)
            defer { store.close() }
            if access == "read-only" { return "\(try store.count())" }
            return "\(try store.set(key, "value of \(key)"))"
        })
}

private func outcome(_ body: () throws(TTLStoreError) -> String) -> String {
    do throws(TTLStoreError) { return try body() } catch { return "\(error.code)" }
}
