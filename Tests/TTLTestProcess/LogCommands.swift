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
    "put": { arguments in
        var configuration = TTLStore.Configuration()
        let isReader = arguments.last == "read-only"
        configuration.access = isReader ? .readOnly : arguments.last == "existing" ? .existing : .create
        configuration.busyTimeout = .milliseconds(300)
        say(
            outcome { () throws(TTLStoreError) in
                let store = try TTLStore(path: arguments[0], configuration: configuration)
                defer { store.close() }
                if isReader { return "\(try store.count())" }
                return "\(try store.set(arguments[1], "value of \(arguments[1])"))"
            })
    },
]

private func outcome(_ body: () throws(TTLStoreError) -> String) -> String {
    do throws(TTLStoreError) { return try body() } catch { return "\(error.code)" }
}
