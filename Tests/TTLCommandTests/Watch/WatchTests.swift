import Foundation
import TTLStore
import TTLTestSupport
import Testing

@Suite("ttl watch, without a terminal", .enabled(if: isLinux)) struct WatchTests {
    let ttl: CommandUnderTest

    init() throws { ttl = try CommandUnderTest() }

    /// Starts to watch, and waits until it has looked at the store: until it sees that an entry is removed.
    private func watch(_ arguments: String...) throws -> ChildProcess {
        let child = try ttl.start(arguments: ["watch"] + arguments)
        let prefix = arguments.first { !$0.hasPrefix("-") } ?? ""
        let isWatching = try eventually {
            _ = try ttl("set", "\(prefix)probe", "v", "--ttl", "1h")
            _ = try ttl("rm", "\(prefix)probe")
            return child.unreadOutput > 0
        }
        #expect(isWatching)
        return child
    }

    /// The next line about another entry than the probe.
    private func line(_ child: ChildProcess) -> String? {
        while let line = child.readLine() {
            if !line.contains("probe") { return line }
        }
        return nil
    }

    @Test("each entry that leaves is a line with the time, the cause and the key")
    func lines() throws {
        let store = try TTLStore(path: ttl.store)
        defer { store.close() }
        for key in ["removed\n", "overwritten", "extended", "permanent"] {
            try store.set(key, "v", expiring: .after(.seconds(3600)))
        }
        let child = try watch()
        try store.touch("extended", expiring: .after(.seconds(7200)))
        try store.persist("permanent")
        try store.remove("removed\n")
        #expect(line(child)?.contains(/^20..-..-..T..:..:..\....Z removed     removed\\n$/) == true)
        try store.set("overwritten", "w")
        #expect(line(child)?.hasSuffix(" overwritten overwritten") == true)
        // Longer than until the next look.
        let end = Date(timeIntervalSinceNow: 2)
        try store.set("expired", "v", expiring: .at(end))
        #expect(line(child)?.hasSuffix(" expired     expired") == true)
        #expect(Date.now >= end)
        child.kill(SIGTERM)
        #expect(child.wait() == -SIGTERM)
        #expect(child.readErrors() == "")
    }

    @Test("a file that is replaced or removed ends the watching with a message", arguments: [true, false])
    func otherFile(isReplaced: Bool) throws {
        _ = try ttl("set", "key", "v")
        let child = try watch()
        for suffix in ["", "-wal", "-shm"] { unlink(ttl.store + suffix) }
        if isReplaced { _ = try ttl("set", "key", "v") }
        #expect(child.wait() == 2)
        #expect(child.readErrors() == "ttl: watch: the file was removed, renamed or replaced while it was open\n")
    }

    @Test("in JSON, keys are as they are, and the tag and the expiry are told")
    func json() throws {
        let store = try TTLStore(path: ttl.store)
        defer { store.close() }
        try store.set("other", "v", expiring: .after(.seconds(3600)))
        try store.set("k:\n\"é", "v", expiring: .at(Date(timeIntervalSince1970: 4_102_444_800)), tag: "t")
        let child = try watch("--json", "k:")
        try store.remove("other")
        try store.remove("k:\n\"é")
        let found = try #require(line(child))
        let object = try JSONSerialization.jsonObject(with: Data(found.utf8)) as? [String: String]
        #expect(object?["key"] == "k:\n\"é")
        #expect(object?["cause"] == "removed")
        #expect(object?["tag"] == "t")
        #expect(object?["expires_at"] == "2100-01-01T00:00:00.000Z")
    }

    @Test("a reader that leaves ends it at once and quietly, also while nothing happens")
    func brokenPipe() throws {
        _ = try ttl("set", "key", "v")
        let outcome = try ttl.shell("{ $ttl watch; echo \"status $?\" >&2; } | true")
        #expect(outcome.errors == "status \(128 + SIGPIPE)\n")
    }

    @Test("a file that is not there, and one that is no store, is an error of status 2")
    func noStore() throws {
        let missing = try ttl("watch")
        #expect(missing.status == 2)
        #expect(missing.errors == "ttl: watch: there is no such file: \(ttl.store)\n")
        #expect(try ttl.shell("echo text > $TTL_STORE; $ttl watch").status == 2)
    }

    @Test("it changes nothing, and holds no read transaction between two looks")
    func readsOnly() throws {
        let store = try TTLStore(path: ttl.store)
        defer { store.close() }
        try store.set("key", "v", expiring: .after(.seconds(3600)))
        let child = try watch()
        // A read transaction would keep the log.
        let isReset = try eventually {
            try store.set("key", "v", expiring: .after(.seconds(3600)))
            return try ChildProcess.sqlite3(ttl.store, "PRAGMA wal_checkpoint(TRUNCATE);").text.hasPrefix("0|0|0")
        }
        #expect(isReset)
        #expect(child.isRunning)
    }
}
