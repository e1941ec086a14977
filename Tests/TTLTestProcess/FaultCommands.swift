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

let faultCommands: [String: Command] = [
    // PATH: does what each line of input says, with a file system whose writes can be made to fail:
    //   fail NUMBER     from now on writes fail with that errno; 0 ends it
    //   set KEY TTL     stores an entry that expires after TTL milliseconds, 0 for never
    //   get KEY         reads it
    //   advance TIME    moves the store's clock, which stands still, by so many milliseconds
    //   expirer         what the expirer has done: entries purged, failures, the last error's code
    //   group KEY …     stores entries from one thread each, at once; prints "KEY result" for each, then "done"
    // and prints the result, or the error's code.
    "faults": { arguments in
        guard ttl_faults_install() == 0 else { return say("no faults") }
        var configuration = TTLStore.Configuration()
        configuration.maximumLogSize = 1 << 30
        let clock = ManualClock()
        configuration.clock = clock.wallClock
        let store = try TTLStore(path: arguments[0], configuration: configuration)
        say("ready")
        while let line = readLine() {
            let words = line.split(separator: " ").map(String.init)
            do {
                say(try obey(words, store, clock))
            } catch let error as TTLStoreError {
                say("\(error.code)\(error.isOutcomeUnknown ? " outcome unknown" : "")")
            }
        }
        store.close()
        say("closed")
    }
]

private func obey(_ words: [String], _ store: TTLStore, _ clock: ManualClock) throws -> String {
    switch words[0] {
    case "fail":
        let number = Int32(words[1]) ?? 0
        if number == 0 { _ = ttl_faults_end() } else { ttl_faults_begin(TTL_FAULT_WRITE, 1, true, number) }
        return "failing \(words[1])"
    case "set":
        let timeToLive = Int64(words[2]) ?? 0
        try store.set(words[1], "value", expiring: timeToLive > 0 ? .after(.milliseconds(timeToLive)) : .never)
        return "stored"
    case "advance":
        clock.advance(by: .milliseconds(Int64(words[1]) ?? 0))
        return "advanced"
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
