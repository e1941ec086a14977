import Foundation
import TTLStore
import TTLTestSupport
import Testing

/// Rows as the module TTLSessions writes them, and what the plain shell shows of them.
@Suite("The view sessions in the sqlite3 shell") struct SessionsViewTests {
    private let folder: TemporaryFolder
    private let store: TTLStore
    private var path: String { folder("app.db") }

    init() throws {
        folder = try TemporaryFolder()
        var configuration = TTLStore.Configuration()
        configuration.purging = .manual
        store = try TTLStore(path: folder("app.db"), configuration: configuration)
    }

    /// A time far ahead in milliseconds: 2100-01-01T00:00:00.000Z.
    private static let end = 4_102_444_800_000

    /// - Parameter more: what follows the handle in the value.
    private func add(
        _ handle: String, subject: String? = nil, expiresAt: String = "\(end)", createdAt: Int = 1_700_000_000_000,
        updatedAt: Int = 1_700_000_001_000, more: String = #""payload":{}"#
    ) throws {
        let subjectField = subject.map { #""subject":"\#($0)","# } ?? ""
        let tag = subject.map { "'ttl.session:\($0)'" } ?? "NULL"
        let fields = subjectField + #""issuedAt":1700000000000,"idle":3600000,"endsAt":\#(Self.end),"# + more
        // As long as a hash.
        let hash = "hash-of-\(handle)".padding(toLength: 43, withPad: "A", startingAt: 0)
        try shell(
            path,
            """
            INSERT INTO entries (key, value, expires_at, created_at, updated_at, tag)
            VALUES ('ttl.session:web:\(hash)', '{"handle":"\(handle)",\(fields)}', \(expiresAt), \(createdAt),
                \(updatedAt), \(tag));
            """)
    }

    private func handles(_ condition: String = "1") throws -> String {
        try shell(path, "SELECT group_concat(handle, ' ') FROM (SELECT * FROM sessions WHERE \(condition) ORDER BY 1);")
    }

    @Test("it shows each part of a session, and never the key")
    func parts() throws {
        try add(
            "abcdefghijkl", subject: "alice", expiresAt: "4102441200500",
            more: """
                "authenticatedAt":1700000000500,"remembered":true,"label":"my laptop","userAgent":"curl/8.0",\
                "address":"192.0.2.1","flash":["saved"],"payload":{"cart":[1,2],"name":"Zoë"}
                """)
        #expect(
            try shell(path, ".mode line\nSELECT * FROM sessions;").split(separator: "\n").map {
                $0.trimmingCharacters(in: .whitespaces)
            } == [
                "handle = abcdefghijkl", "name = web", "subject = alice", "created_at = 2023-11-14T22:13:20.000Z",
                "last_seen_at = 2099-12-31T22:00:00.500Z", "authenticated_at = 2023-11-14T22:13:20.500Z",
                "expires_at = 2099-12-31T23:00:00.500Z", "ends_at = 2100-01-01T00:00:00.000Z", "remembered = 1",
                "label = my laptop", "user_agent = curl/8.0", "address = 192.0.2.1", "size = 28",
                #"payload = {"cart":[1,2],"name":"Zoë"}"#,
            ])
        #expect(try !shell(path, "SELECT * FROM sessions;").contains("hash-of"))
    }

    @Test("what a session does not have is NULL, and a session without a mark is not remembered")
    func absentParts() throws {
        try add("a")
        #expect(
            try shell(
                path,
                """
                SELECT coalesce(subject, authenticated_at, label, user_agent, address) IS NULL, remembered, size,
                    payload
                FROM sessions;
                """) == "1|0|2|{}")
    }

    @Test("the last use is the later one of the last write and the expiry less the idle timeout")
    func lastSeen() throws {
        try add("touched", expiresAt: "4000003600000")
        try add("written", updatedAt: 4_102_444_000_000)
        try add("permanent", expiresAt: "NULL", updatedAt: 1_700_000_002_000)
        #expect(
            try shell(path, "SELECT handle, last_seen_at FROM sessions ORDER BY handle;") == """
                permanent|2023-11-14T22:13:22.000Z
                touched|2096-10-02T07:06:40.000Z
                written|2099-12-31T23:46:40.000Z
                """)
    }

    @Test(
        "the payload is shown as the JSON that it is, with its length in bytes",
        arguments: [
            (#"{"a":{"b":[true,null]}}"#, #"23|{"a":{"b":[true,null]}}"#), ("[1,2.5]", "7|[1,2.5]"),
            (#""text""#, #"6|"text""#), ("true", "4|true"), ("false", "5|false"), ("null", "4|null"), ("42", "2|42"),
            (#""Zoë""#, #"6|"Zoë""#),
        ])
    func payload(json: String, shown: String) throws {
        try add("a", more: #""payload":\#(json)"#)
        #expect(try shell(path, "SELECT size, payload FROM sessions;") == shown)
    }

    @Test("a session that has expired is not shown")
    func expired() throws {
        let now = Int(Date().timeIntervalSince1970 * 1000)
        try add("gone", expiresAt: "\(now - 1)")
        try add("live", expiresAt: "\(now + 3_600_000)")
        #expect(try handles() == "live")
        try shell(path, "DELETE FROM sessions;")
        #expect(try shell(path, "SELECT substr(key, 1, 28) FROM entries;") == "ttl.session:web:hash-of-gone")
    }

    /// Values under the keys of sessions that are none.
    private static let others = [
        #"'{"rotatedTo":"ttl.session:other"}'"#, "'no JSON'", #"'{"handle":"cut'"#, "''", "x'00ff'", "x''", "42", "-1",
        #"CAST('{"handle":"blob","idle":1,"endsAt":2}' AS BLOB)"#, "'[1]'", "'null'", "'true'", #"'"text"'"#,
        #"'{"handle":1,"idle":1,"endsAt":2}'"#, #"'{"handle":"h"}'"#, #"'{"handle":"h","idle":"1","endsAt":2}'"#,
        #"'{"handle":"h","idle":1,"endsAt":null}'"#, #"'{"handle":{"a":1},"idle":1,"endsAt":2}'"#,
        "'\(String(repeating: "[", count: 5000))'",
    ]

    @Test("rows that are no sessions are not shown, do not make the view fail, and are not deleted through it")
    func others() throws {
        try add("first", subject: "alice")
        for (number, value) in SessionsViewTests.others.enumerated() {
            // The expiry of the session, so that deleting it comes upon them.
            try shell(
                path,
                """
                INSERT INTO entries (key, value, expires_at)
                VALUES ('ttl.session:other\(number)', \(value), \(SessionsViewTests.end));
                """)
        }
        try shell(
            path,
            """
            INSERT INTO entries (key, value) SELECT 'ttl.session;', value FROM entries WHERE id = 1;
            INSERT INTO entries (key, value) SELECT 'TTL.SESSION:x', value FROM entries WHERE id = 1;
            INSERT INTO entries (key, value) VALUES ('ttl.session:', 'short');
            """)
        try add("second", expiresAt: "NULL")
        for condition in [
            "1", "handle IN ('first', 'second')", "subject IS 'alice' OR subject IS NULL", "size = 2", "payload = '{}'",
            "last_seen_at > '2000'", "remembered = 0", "label IS NULL AND ends_at > created_at",
        ] { #expect(try handles(condition) == "first second", "\(condition)") }
        #expect(try shell(path, "SELECT count(*) FROM sessions;") == "2")
        let before = try shell(path, "SELECT count(*) FROM entries;")
        try shell(path, "DELETE FROM sessions WHERE handle = 'first';")
        #expect(try handles() == "second")
        try shell(path, "ANALYZE; DELETE FROM sessions WHERE handle = 'second';")
        #expect(try shell(path, "SELECT count(*) + 2 FROM entries;") == before)
    }

    @Test("fields of other kinds, as a person may write them, do not make the view fail")
    func strangeFields() throws {
        try add(
            "a", subject: "s",
            more: #""authenticatedAt":"today","remembered":1,"label":[1],"address":{"a":1},"payload":1e999"#)
        try add("b", more: #""authenticatedAt":99999999999999999999,"remembered":"yes","label":null"#)
        #expect(try handles() == "a b")
        #expect(try shell(path, "SELECT remembered, payload FROM sessions WHERE handle = 'b';") == "0|null")
        try shell(path, "DELETE FROM sessions;")
        #expect(try handles() == "")
    }

    @Test("deleting a session logs it out: the program finds it no more")
    func deleting() throws {
        for (handle, subject) in [("one", "alice"), ("two", "alice"), ("three", "bob")] {
            try add(handle, subject: subject)
        }
        try add("four")
        try shell(path, "DELETE FROM sessions WHERE handle = 'two';")
        #expect(try !store.contains("ttl.session:hash-of-two"))
        #expect(try handles() == "four one three")
        try shell(path, "DELETE FROM sessions WHERE subject = 'alice';")
        #expect(try handles() == "four three")
        #expect(try store.removeAll(.tag("ttl.session:bob")) == 1)
        try shell(path, "DELETE FROM sessions WHERE handle = 'five'; DELETE FROM sessions;")
        #expect(try store.count() == 0)
    }

    @Test("it reads the sessions by the index of keys, and a deletion finds each row by the index of expiries")
    func plans() throws {
        #expect(
            try shell(path, "EXPLAIN QUERY PLAN SELECT * FROM sessions WHERE subject = 'alice';")
                .contains("SEARCH entries USING INDEX sqlite_autoindex_entries_1 (key>? AND key<?)"))
        let trigger = try shell(path, "SELECT sql FROM sqlite_schema WHERE name = 'sessions_delete';")
        let begin = try #require(trigger.firstRange(of: "DELETE FROM entries"))
        let statement = try #require(trigger[begin.lowerBound...].split(separator: ";\n").first)
        let plain = statement.replacing("OLD.expires_at", with: "?1").replacing("OLD.handle", with: "?2")
        #expect(
            try shell(path, "EXPLAIN QUERY PLAN \(plain);")
                .contains("SEARCH entries USING INDEX entries_by_expiry (expires_at=?)"))
    }

    @Test("a time of any millisecond leads back to its row")
    func anyMillisecond() throws {
        var generator = SeededGenerator(seed: 5)
        let times = (0..<3000).map { _ in Int.random(in: 1_900_000_000_000...253_402_300_799_999, using: &generator) }
        let rows = times.enumerated().map { number, time in
            #"('ttl.session:\#(number)', '{"handle":"\#(number)","idle":1,"endsAt":\#(time)}', \#(time))"#
        }
        try shell(path, "INSERT INTO entries (key, value, expires_at) VALUES " + rows.joined(separator: ", ") + ";")
        #expect(try shell(path, "SELECT count(*) FROM sessions;") == "3000")
        try shell(path, "DELETE FROM sessions;")
        #expect(try store.count() == 0)
    }
}
