import CTTLTestFaults
import Foundation
import TTLStore
import TTLTestSupport

/// Names, limits and rights that a whole process has.
let surroundingCommands: [String: Command] = [
    // PATH READS: opens a store, reads so many times, becomes another user, and at each line of input goes on:
    // one of each operation; 100 MB; maintenance; the end.
    "give-up-privileges": { arguments in
        var configuration = TTLStore.Configuration()
        configuration.maximumLogSize = 4 << 20
        let store = try TTLStore(path: arguments[0], configuration: configuration)
        try store.set("k", "before")
        for _ in 0..<(Int(arguments[1]) ?? 0) { _ = try store.get("k") as String? }
        OpeningCommands.dropPrivileges()
        say("unprivileged")
        _ = readLine()
        let stored = try store.set("k", "value")
        try store.set("due", 1, expiring: .after(.milliseconds(1)))
        let value: String? = try store.get("k")
        let increment = try store.increment("number", by: 2)
        let removed = try store.remove("number") ? 1 : 0
        while try store.get("due", as: Int.self) != nil { usleep(1000) }
        say("\(stored) \(value ?? "absent") \(increment) \(removed) absent")
        _ = readLine()
        say(try writeMuch(store))
        _ = readLine()
        say("\(code { try store.vacuum() }) \(code { try store.backup(to: "/tmp/ttl-test-unwritten") })")
        _ = readLine()
        store.close()
        say("closed \(Census.descriptors(below: (arguments[0] as NSString).deletingLastPathComponent))")
    },
    // PATH LIMIT COUNT: writes one key again and again under a file-size limit of so many bytes.
    "limit-file-size": { arguments in
        signal(SIGXFSZ, SIG_IGN)
        var configuration = TTLStore.Configuration()
        configuration.maximumLogSize = 1 << 30
        let store = try TTLStore(path: arguments[0], configuration: configuration)
        try store.set("kept", "value")
        var limit = rlimit(rlim_cur: rlim_t(arguments[1]) ?? 0, rlim_max: rlim_t(arguments[1]) ?? 0)
        guard setrlimit(fileSizeLimit, &limit) == 0 else { return say("no limit") }
        var failures: Set<String> = []
        let deadline = Date.now + 60
        var stored = 0
        while stored < Int(arguments[2]) ?? 0, .now < deadline {
            do throws(TTLStoreError) {
                // SQLite writes no page that stays as it was.
                try store.set("large", String(repeating: stored % 2 == 0 ? "x" : "y", count: 200_000))
                stored += 1
            } catch {
                failures.insert("\(error.code): \(error.message)\(error.isOutcomeUnknown ? ", unknown" : "")")
                usleep(1000)
            }
        }
        say("\(stored) \(try store.get("kept") ?? "absent")")
        say(failures.sorted().joined(separator: "; "))
        store.close()
    },
    // FOLDER: goes into a folder below it whose name is not UTF-8, and opens stores there.
    "open-in-strange-folder": { arguments in
        let strange = Array((arguments[0] + "/").utf8CString.dropLast()) + [CChar(bitPattern: 0xE9), 0x78, 0]
        guard mkdir(strange, 0o700) == 0, chdir(strange) == 0 else { return say("no such folder") }
        for path in ["store.db", "new/store.db", "./a/b/store.db"] { say(opening(path)) }
        // The target of a link, and a folder on the way.
        guard symlink(strange, arguments[0] + "/link") == 0 else { return say("no link") }
        for path in ["/link/store.db", "/link/new/store.db"] { say(opening(arguments[0] + path)) }
        let file = Array(strange.dropLast()) + Array("/store.db".utf8CString)
        Foundation.close(Foundation.open(file, O_CREAT | O_RDWR, 0o600))
        guard symlink(file, arguments[0] + "/link.db") == 0 else { return say("no link") }
        say(opening(arguments[0] + "/link.db"))
        let store = try TTLStore(path: arguments[0] + "/source.db")
        say("\(code { try store.backup(to: "backup.db") })")
        store.close()
    },
    // VARIABLE HEX: the default path where the environment holds those bytes.
    "default-path-of-bytes": { arguments in
        let bytes = stride(from: 0, to: arguments[1].count, by: 2).map { offset in
            let start = arguments[1].index(arguments[1].startIndex, offsetBy: offset)
            return CChar(bitPattern: UInt8(arguments[1][start...].prefix(2), radix: 16) ?? 0)
        }
        guard setenv(arguments[0], bytes + [0], 1) == 0 else { return say("no variable") }
        do throws(TTLStoreError) { say(try TTLStore.defaultPath(tool: "tool")) } catch {
            say("\(error.code): \(error.message)")
        }
    },
    // PATH PREFIX COUNT: opens, stores COUNT entries, reads each, and closes, for ever. Prints each acknowledged key,
    // and each failure after an exclamation mark.
    "reopen-anyway": { arguments in
        var configuration = TTLStore.Configuration()
        configuration.access = .existing
        for round in 0... {
            do throws(TTLStoreError) {
                let store = try TTLStore(path: arguments[0], configuration: configuration)
                defer { store.close() }
                for number in 0..<(Int(arguments[2]) ?? 1) {
                    let key = "\(arguments[1]):\(round):\(number)"
                    try store.set(key, key)
                    say(key)
                    if try store.get(key) != key { say("!lost") }
                }
            } catch { say("!\(error.code): \(error.message)") }
        }
    },
    // PATH OTHER: opens a store for reading, and by another path for writing, reads by the one and writes by the other.
    "read-and-write": { arguments in
        var configuration = TTLStore.Configuration()
        configuration.access = .readOnly
        let reader = try TTLStore(path: arguments[0], configuration: configuration)
        let value = try reader.get("k") ?? "absent"
        do throws(TTLStoreError) {
            let writer = try TTLStore(path: arguments[1])
            say("\(value) \(try writer.set("k", "new"))")
            writer.close()
        } catch { say("\(value) \(error.code)") }
        reader.close()
    },
    // PATH CALL NUMBER COUNT: opens a store while calls after the first COUNT fail; prints the outcome.
    "open-while-failing": { arguments in
        guard ttl_faults_install() == 0 else { return say("no faults") }
        let calls: [String: ttl_fault_call] = [
            "open": TTL_FAULT_OPEN, "lock": TTL_FAULT_LOCK, "map": TTL_FAULT_MAP, "write": TTL_FAULT_WRITE,
        ]
        guard let call = calls[arguments[1]] else { return say("no such call") }
        var configuration = TTLStore.Configuration()
        configuration.busyTimeout = .milliseconds(20)
        ttl_faults_begin(call, Int32(arguments[3]) ?? 1, true, Int32(arguments[2]) ?? 0)
        do throws(TTLStoreError) {
            try TTLStore(path: arguments[0], configuration: configuration).close()
            say("opened")
        } catch { say("\(error.code): \(error.message)") }
    },
]

/// 1600 values of 64 KiB under 16 keys.
private func writeMuch(_ store: TTLStore) throws -> String {
    // SQLite writes no page that stays as it was.
    let values = ["x", "y"].map { String(repeating: $0, count: 65_536) }
    var misses = 0
    for number in 0..<1600 {
        let value = values[number / 16 % 2]
        try store.set("much:\(number % 16)", value)
        if try store.get("much:\(number % 16)") != value { misses += 1 }
    }
    guard try store.keys(.prefix("much:")).elements.count == 16 else { return "keys are missing" }
    return "written 1600 \(misses)"
}

private func opening(_ path: String) -> String {
    do throws(TTLStoreError) {
        try TTLStore(path: path).close()
        return "opened"
    } catch { return "\(error.code): \(error.message)" }
}

private func code(_ body: () throws -> some Any) -> String {
    do {
        _ = try body()
        return "done"
    } catch { return (error as? TTLStoreError)?.code.description ?? "\(error)" }
}

#if canImport(Darwin)
private let fileSizeLimit = RLIMIT_FSIZE
#else
private let fileSizeLimit = __rlimit_resource_t(RLIMIT_FSIZE.rawValue)
#endif
