import Foundation
import TTLStore
import TTLTestSupport
import Testing

/// The plain `sqlite3` shell on the file of a store that is open meanwhile.
@Suite("The file in the sqlite3 shell") struct ShellTests {
    private let folder: TemporaryFolder
    private let store: TTLStore
    private var path: String { folder("app.db") }

    init() throws {
        folder = try TemporaryFolder()
        var configuration = TTLStore.Configuration()
        configuration.purging = .manual
        store = try TTLStore(path: folder("app.db"), configuration: configuration)
    }

    private struct Session: Codable, Sendable {
        var user: String
        var roles: [String]
    }

    @Test(".tables shows few names that explain themselves")
    func tables() throws {
        let names = try shell(path, ".tables").split { $0.isWhitespace }
        #expect(names == ["entries", "expired", "leases", "live", "migrations", "sessions"])
        #expect(
            try shell(path, "SELECT group_concat(name, ' ') FROM pragma_table_info('entries');")
                == "id key value expires_at created_at updated_at revision tag")
        #expect(
            try shell(path, "SELECT group_concat(name, ' ') FROM pragma_table_info('live');")
                == "key value ttl expires_at tag created_at updated_at revision")
        #expect(
            try shell(path, "SELECT group_concat(name, ' ') FROM pragma_table_info('sessions');")
                == """
                handle name subject created_at last_seen_at authenticated_at expires_at ends_at remembered label \
                user_agent address size payload
                """)
    }

    @Test(".schema carries the comments that a reader needs")
    func schema() throws {
        let schema = try shell(path, ".schema")
        for comment in ["milliseconds since 1970", "NULL means that it never expires", "seconds left", "ISO 8601"] {
            #expect(schema.contains(comment), "\(comment)")
        }
        // The shell itself adds a line with the columns of each view.
        #expect(schema.split(separator: "\n").allSatisfy { $0.count <= 120 || $0.hasPrefix("/* ") })
    }

    @Test("a short INSERT into the table is enough, and the program sees it at once")
    func shortInsert() throws {
        try shell(path, "INSERT INTO entries (key, value) VALUES ('motd', 'hello');")
        let entry = try #require(try store.entry("motd"))
        #expect(entry.value == .text("hello"))
        #expect(entry.expiresAt == nil)
        #expect(abs(entry.createdAt.timeIntervalSinceNow) < 60)
        #expect(entry.createdAt == entry.updatedAt)
    }

    @Test("JSON values are queried with the shell's operators")
    func json() throws {
        try store.set("session:1", Session(user: "alice", roles: ["admin"]), expiring: .after(.seconds(100)))
        try store.set("session:2", Session(user: "bob", roles: []), expiring: .after(.seconds(100)))
        try store.set("other", "text")
        #expect(
            try shell(path, "SELECT value->>'$.user' FROM live WHERE key LIKE 'session:%' ORDER BY key;")
                == "alice\nbob")
        try shell(
            path, "UPDATE live SET value = json_set(value, '$.user', 'carol') WHERE key = 'session:1';")
        #expect(try store.get("session:1", as: Session.self)?.user == "carol")
    }

    @Test("INSERT, UPDATE and DELETE work on live, and the program sees each edit at once")
    func edits() throws {
        try shell(path, "INSERT INTO live(key, value, ttl) VALUES('motd', 'hello', 300);")
        #expect(try store.get("motd") == "hello")
        var remaining = try #require(try store.entry("motd")?.remaining)
        #expect(remaining > .seconds(240) && remaining <= .seconds(300))

        try shell(path, "UPDATE live SET ttl = 60 WHERE key = 'motd';")
        remaining = try #require(try store.entry("motd")?.remaining)
        #expect(remaining > .seconds(30) && remaining <= .seconds(60))

        try shell(path, "UPDATE live SET ttl = ttl + 600 WHERE key = 'motd';")
        #expect(try #require(try store.entry("motd")?.remaining) > .seconds(600))

        try shell(path, "UPDATE live SET expires_at = '2999-01-02T03:04:05Z' WHERE key = 'motd';")
        #expect(try store.entry("motd")?.expiresAt == Date(timeIntervalSince1970: 32_472_241_445))
        #expect(try shell(path, "SELECT expires_at FROM live;") == "2999-01-02T03:04:05.000Z")

        try shell(path, "UPDATE live SET ttl = NULL WHERE key = 'motd';")
        #expect(try store.entry("motd")?.expiresAt == nil)
        #expect(try shell(path, "SELECT ttl IS NULL, expires_at IS NULL FROM live;") == "1|1")

        try shell(path, "UPDATE live SET value = 'bye', tag = 'greetings' WHERE key = 'motd';")
        #expect(try store.get("motd") == "bye")
        #expect(try shell(path, "SELECT tag FROM entries;") == "greetings")

        try shell(path, "UPDATE live SET key = 'other' WHERE key = 'motd';")
        #expect(try store.keys().elements == ["other"])

        try shell(path, "DELETE FROM live WHERE key = 'other';")
        #expect(try store.get("other") == nil)
        #expect(try shell(path, "SELECT count(*) FROM entries;") == "0")
    }

    @Test("an edit in the shell raises revision and updated_at like a write, and a new expiry does not")
    func revisions() throws {
        try store.set("k", "v", expiring: .after(.seconds(1000)))
        try shell(path, "UPDATE entries SET updated_at = 1500000000000;")
        func revision() throws -> Int64 { Int64(try shell(path, "SELECT revision FROM entries;")) ?? -1 }
        var number = try revision()
        #expect(try store.entry("k")?.updatedAt == Date(timeIntervalSince1970: 1_500_000_000))
        for edit in [
            "UPDATE live SET value = 'w'", "UPDATE entries SET value = x'00'", "UPDATE live SET tag = 't'",
            "UPDATE entries SET key = 'k' WHERE key = 'k'",
        ] {
            try shell(path, edit + ";")
            #expect(try revision() == number + 1, "\(edit)")
            #expect(try store.entry("k")?.revision.description == String(number + 1), "\(edit)")
            #expect(abs(try #require(try store.entry("k")?.updatedAt.timeIntervalSinceNow)) < 60)
            number += 1
        }
        for edit in ["UPDATE live SET ttl = 5000", "UPDATE entries SET expires_at = NULL"] {
            try shell(path, edit + ";")
            #expect(try revision() == number, "\(edit)")
        }
        try store.set("k", "again")
        #expect(try revision() == number + 1)
    }

    @Test("the view live hides the rows of expired, and they show the time left or overdue in seconds")
    func views() throws {
        let now = Int64(Date().timeIntervalSince1970 * 1000)
        try store.set("permanent", "v")
        try store.set("live", "v", expiring: .after(.seconds(100)))
        try shell(
            path,
            "INSERT INTO entries (key, value, expires_at) VALUES ('gone', 'v', \(now - 5000)), ('now', 'v', \(now));")
        #expect(try shell(path, "SELECT key FROM live ORDER BY key;") == "live\npermanent")
        #expect(try shell(path, "SELECT key FROM expired ORDER BY key;") == "gone\nnow")
        #expect(try shell(path, "SELECT overdue BETWEEN 5 AND 65 FROM expired WHERE key = 'gone';") == "1")
        #expect(try shell(path, "SELECT ttl BETWEEN 40 AND 100 FROM live WHERE key = 'live';") == "1")
        #expect(try store.keys().elements == ["live", "permanent"])
        #expect(try store.get("gone") == nil)
        #expect(try store.purgeExpired() == 2)
        #expect(try shell(path, "SELECT count(*) FROM expired;") == "0")
    }

    @Test("an expired entry counts as absent for the views as well")
    func expiredIsAbsent() throws {
        func expire(_ key: String) throws {
            try shell(path, "INSERT INTO entries (key, value, expires_at) VALUES ('\(key)', 'old', 1600000000000);")
        }
        try expire("inserted")
        try shell(path, "INSERT INTO live (key, value) VALUES ('inserted', 'new');")
        #expect(try store.get("inserted") == "new")
        try expire("renamed")
        try shell(path, "UPDATE live SET key = 'renamed' WHERE key = 'inserted';")
        #expect(try store.keys().elements == ["renamed"])
        try expire("left")
        try shell(path, "UPDATE live SET value = 'v', ttl = 100; DELETE FROM live;")
        #expect(try shell(path, "SELECT key FROM entries;") == "left")
    }

    @Test("the file names itself and lists its migrations with their time")
    func identity() throws {
        #expect(try shell(path, "PRAGMA application_id;") == String(0x5454_4C73))
        #expect(try shell(path, "PRAGMA user_version;") == "2")
        #expect(try shell(path, "SELECT number, name FROM migrations;") == "1|entries\n2|sessions")
        let age = try shell(
            path, "SELECT (julianday('now') - 2440587.5) * 86400000 - min(applied_at) FROM migrations;")
        #expect(try #require(Double(age)).magnitude < 600_000)
    }
}
