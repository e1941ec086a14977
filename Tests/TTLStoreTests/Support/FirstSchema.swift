import Foundation
import TTLStoreMigrations
import TTLTestSupport
import Testing

/// Files as the first version of the library made them.
enum FirstSchema {
    /// Takes a file back to schema 1. The article on the file format has the same line.
    static let downgrade = """
        BEGIN IMMEDIATE; DROP VIEW sessions; DELETE FROM migrations WHERE number = 2; PRAGMA user_version = 1; COMMIT;
        """

    /// - Parameter rows: how many entries `key:1`, … the file gets.
    static func make(_ path: String, rows: Int = 100, _ more: String = "") throws {
        let first = try #require(Migration.all.first)
        try shell(
            path,
            first.sql + """
                WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < \(rows))
                INSERT INTO entries (key, value, expires_at, tag)
                SELECT 'key:' || i, 'value of ' || i, iif(i % 3, 4000000000000 + i, NULL), iif(i % 2, 'tag', NULL)
                FROM n;
                INSERT INTO leases (kind, name, owner, expires_at) VALUES ('lease', 'job', 'me', 4000000000000);

                """ + more)
        #expect(chmod(path, 0o600) == 0)
    }

    /// What an upgrade keeps.
    static func contents(_ path: String) throws -> String {
        try shell(
            path,
            """
            SELECT * FROM entries ORDER BY id; SELECT * FROM leases WHERE kind = 'lease';
            SELECT * FROM migrations WHERE number = 1;
            """)
    }

    /// The schema version, and how much there is of the second migration: "1 0" or "2 3", if it was all or nothing.
    static func state(_ path: String) throws -> String {
        try shell(
            path,
            """
            PRAGMA busy_timeout = 10000;
            SELECT user_version || ' ' || (
                (SELECT count(*) FROM sqlite_schema WHERE name IN ('sessions', 'sessions_delete'))
                + (SELECT count(*) FROM migrations WHERE number = 2))
            FROM pragma_user_version;
            """
        ).split(separator: "\n").last.map(String.init) ?? ""
    }
}
