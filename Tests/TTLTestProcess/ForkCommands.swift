import TTLStore
import TTLTestSupport

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

let forkCommands: [String: Command] = [
    // PATH automatic|manual: stores "before", forks, and lets the child use, close and drop the inherited store.
    // The child prints the codes of its errors, the parent goes on and prints what it finds.
    "fork": { arguments in
        var configuration = TTLStore.Configuration()
        configuration.purging = arguments[1] == "manual" ? .manual : .automatic
        var store: TTLStore? = try TTLStore(path: arguments[0], configuration: configuration)
        try store?.set("before", "parent")
        if let store, configuration.purging == .automatic { try waitForSleep(of: store) }
        let child = forkProcess()
        if child == 0 {
            say("child set: " + code { try store?.set("before", "child") })
            say("child get: " + code { _ = try store?.get("before") as String? })
            say("child purge: " + code { _ = try store?.purgeExpired() as Int? })
            say("child statistics: " + code { _ = try store?.statistics() as TTLStore.Statistics? })
            store?.close()
            store = nil
            say("child open: " + code { try TTLStore(path: arguments[0]).close() })
            say("child read-only: " + code { try openForReading(arguments[0]).close() })
            say("child elsewhere: " + code { try TTLStore(path: arguments[0] + "-child").close() })
            _exit(0)
        }
        var status: Int32 = 0
        waitpid(child, &status, 0)
        say("child exited with \(status)")
        try store?.set("after", "parent")
        let keys: [String]? = try store?.keys().elements
        say("parent finds " + (keys ?? []).joined(separator: " "))
        store?.close()
        store = nil
        // Whatever was closed before may be opened by both.
        let later = forkProcess()
        if later == 0 {
            say("later child open: " + code { try TTLStore(path: arguments[0]).close() })
            _exit(0)
        }
        waitpid(later, &status, 0)
    },
    // PATH: forks inside the closure of a transaction, and lets both go on.
    "fork-inside": { arguments in
        var configuration = TTLStore.Configuration()
        configuration.purging = .manual
        let store = try TTLStore(path: arguments[0], configuration: configuration)
        var child: Int32 = -1
        let outcome = code {
            try store.transaction { transaction in
                try transaction.set("inside", "v")
                child = forkProcess()
                if child == 0 { say("child set: " + code { try transaction.set("child", "v") }) }
            }
        }
        if child == 0 {
            say("child transaction: " + outcome)
            _exit(0)
        }
        var status: Int32 = 0
        waitpid(child, &status, 0)
        say("child exited with \(status)")
        say("parent transaction: " + outcome)
        say("parent finds " + (try store.keys().elements as [String]).joined(separator: " "))
        store.close()
    },
]

private func code(_ body: () throws -> Void) -> String {
    do {
        try body()
        return "no error"
    } catch { return (error as? TTLStoreError)?.code.description ?? "\(error)" }
}

private func openForReading(_ path: String) throws -> TTLStore {
    var configuration = TTLStore.Configuration()
    configuration.access = .readOnly
    return try TTLStore(path: path, configuration: configuration)
}

/// Waits until the expirer has done its first round and sleeps: a lock of Swift's own runtime that it held at the fork
/// would stay locked in the child.
func waitForSleep(of store: TTLStore) throws {
    _ = try eventually { try store.statistics().checkpoints > 0 }
    _ = eventually { Census.areAsleep(named: "TTLStore.expire") }
}

/// Swift hides `fork`, since a child has only the forking thread; it is looked up by name.
func forkProcess() -> Int32 {
    typealias Fork = @convention(c) () -> Int32
    #if canImport(Darwin)
    let all = UnsafeMutableRawPointer(bitPattern: -2)
    #else
    let all: UnsafeMutableRawPointer? = nil
    #endif
    guard let symbol = dlsym(all, "fork") else { return -1 }
    return unsafeBitCast(symbol, to: Fork.self)()
}
