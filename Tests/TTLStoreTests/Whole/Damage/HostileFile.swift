import Foundation
import TTLStore
import TTLStoreMigrations
import TTLTestSupport
import Testing

/// A store's file as an attacker who knows SQLite could make it, or a user who knows it too little.
struct HostileFile: Sendable, CustomTestStringConvertible {
    enum Expectation: Equatable {
        case refused(TTLStoreError.Code)
        /// The store works as if the file were unchanged.
        case works
        /// Opened or not, there are only the library's errors, and no more harm.
        case survives
    }

    let testDescription: String
    let expectation: Expectation
    /// The text that the message of a refusal must have.
    var message = ""
    let make: @Sendable (_ path: String) throws -> Void

    /// - Parameter sql: runs in the shell on a store with a few entries.
    private init(_ description: String, _ expectation: Expectation, _ message: String = "", _ sql: String) {
        self.init(description, expectation, message) { path in
            try HostileFile.makeStore(path)
            try shell(path, sql)
        }
    }

    private init(
        _ description: String, _ expectation: Expectation, _ message: String = "",
        make: @escaping @Sendable (String) throws -> Void
    ) {
        (testDescription, self.expectation, self.message, self.make) = (description, expectation, message, make)
    }

    static func makeStore(_ path: String) throws {
        var configuration = TTLStore.Configuration()
        configuration.purging = .manual
        let store = try TTLStore(path: path, configuration: configuration)
        for number in 0..<30 {
            // Some of them have expired when the other process tries the file.
            try store.set("key:\(number)", "value", expiring: .at(Date(timeIntervalSince1970: 1_800_000_050)))
            try store.set("kept:\(number)", "value", tag: number % 3 == 0 ? "tag" : nil)
        }
        store.close()
    }

    /// The table `entries` anew, with other columns.
    private static func entries(_ columns: String, _ options: String = "") -> String {
        "DROP TABLE entries; CREATE TABLE entries (\(columns))\(options);"
    }

    private static let columns = """
        id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, value NOT NULL, expires_at INTEGER,
        created_at INTEGER NOT NULL DEFAULT 1700000000000, updated_at INTEGER NOT NULL DEFAULT 1700000000000,
        revision INTEGER NOT NULL DEFAULT 1, tag TEXT
        """
    private static let endless = "WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c)"
    private static let viewColumns =
        "1600000000000 AS created_at, 1600000000000 AS updated_at, 1 AS revision, NULL AS tag"
    static let writable = ".dbconfig defensive off\nPRAGMA writable_schema = ON;\n"

    static let endlessView = """
        DROP TABLE entries;
        CREATE VIEW entries AS \(endless)
        SELECT n AS id, 'q' || n AS key, 'v' AS value, n AS expires_at, \(viewColumns) FROM c;
        """

    static let shortView = """
        DROP TABLE entries;
        CREATE VIEW entries AS
        SELECT 1 AS id, 'kept:1' AS key, 'forged' AS value, NULL AS expires_at, \(viewColumns);
        """

    static let tables: [HostileFile] = [
        HostileFile("a view without an end as entries", .refused(.corrupt), "no ordinary table", endlessView),
        HostileFile(
            "a view with a value of a gigabyte as entries", .refused(.corrupt), "no ordinary table",
            """
            DROP TABLE entries;
            CREATE VIEW entries AS
            SELECT 1 AS id, 'key:1' AS key, zeroblob(1000000000) AS value, NULL AS expires_at, \(viewColumns);
            """),
        HostileFile(
            "a table of full-text search as entries", .refused(.corrupt), "no ordinary table",
            """
            DROP TABLE entries;
            CREATE VIRTUAL TABLE entries USING
                fts5 (id, key, value, expires_at, created_at, updated_at, revision, tag);
            """),
        HostileFile(
            "a view without an end as leases", .refused(.corrupt), "leases",
            """
            DROP TABLE leases;
            CREATE VIEW leases AS \(endless)
            SELECT n AS id, 'lease' AS kind, 'job' AS name, 'x' AS owner, n AS expires_at FROM c;
            """),
        HostileFile(
            "a view without an end as migrations", .refused(.corrupt), "migrations",
            "DROP TABLE migrations; CREATE VIEW migrations AS \(endless) SELECT n AS number FROM c;"),
        HostileFile("no table of entries", .refused(.corrupt), "missing", "DROP TABLE entries;"),
        HostileFile("no table of leases", .refused(.corrupt), "missing", "DROP TABLE leases;"),
        HostileFile(
            "a value that is computed", .refused(.corrupt), "columns",
            entries(columns.replacing("value NOT NULL", with: "value AS (zeroblob(1000000000))"))),
        HostileFile("entries without row ids", .refused(.corrupt), "columns", entries(columns, " WITHOUT ROWID")),
        HostileFile(
            "keys declared as BLOBs", .refused(.corrupt), "columns",
            entries(columns.replacing("key TEXT", with: "key BLOB"))),
        HostileFile(
            "keys compared without regard to case", .refused(.corrupt), "columns",
            entries(columns.replacing("key TEXT", with: "key TEXT COLLATE NOCASE"))),
        HostileFile(
            "keys that may come twice", .refused(.corrupt), "keys", entries(columns.replacing(" UNIQUE", with: ""))),
        HostileFile(
            "no column of tags", .refused(.corrupt), "columns", entries(columns.replacing(", tag TEXT", with: ""))),
        HostileFile(
            "a table whose text is no statement", .refused(.corrupt), "",
            writable + "UPDATE sqlite_schema SET sql = 'CREATE TABLE entries (x' WHERE name = 'entries';"),
        HostileFile("UTF-16", .refused(.foreignFile)) { path in
            try shell(path, "PRAGMA encoding = 'UTF-16le';\n" + migrationText)
        },
    ]

    static let surroundings: [HostileFile] =
        [
            HostileFile("nothing done to it", .works, "", "SELECT 1;"),
            HostileFile(
                "triggers without an end", .works, "",
                """
                CREATE TRIGGER t1 AFTER INSERT ON entries BEGIN
                    INSERT INTO migrations (name) \(endless) SELECT n FROM c;
                END;
                CREATE TRIGGER t2 BEFORE DELETE ON entries BEGIN SELECT RAISE(ABORT, 'no'); END;
                CREATE TRIGGER t3 AFTER UPDATE ON entries BEGIN UPDATE entries SET revision = revision + 1; END;
                """),
            HostileFile("no index of expiries", .works, "", "DROP INDEX entries_by_expiry;"),
            HostileFile(
                "other columns in the indexes", .works, "",
                """
                DROP INDEX entries_by_expiry; CREATE INDEX entries_by_expiry ON entries (tag);
                DROP INDEX entries_by_tag; CREATE INDEX entries_by_tag ON entries (value);
                CREATE INDEX entries_by_age ON entries (tag);
                DROP INDEX leases_by_expiry; CREATE INDEX leases_by_expiry ON leases (owner);
                """),
            HostileFile(
                "more columns", .works, "",
                "ALTER TABLE entries ADD COLUMN note TEXT; ALTER TABLE leases ADD COLUMN size AS (length(name));"),
            HostileFile(
                "the table made by hand", .works, "",
                entries(columns)
                    + "CREATE INDEX entries_by_expiry ON entries (expires_at) WHERE expires_at IS NOT NULL;"),
            HostileFile(
                "tables, views, indexes and full-text search beside ours", .works, "",
                """
                CREATE TABLE notes (text UNIQUE); CREATE VIEW mine AS SELECT * FROM entries;
                CREATE INDEX mine_by_value ON entries (value); CREATE VIEW endless AS \(endless) SELECT n FROM c;
                CREATE VIRTUAL TABLE found USING fts5 (key, value, content = 'entries', content_rowid = 'id');
                INSERT INTO found (found) VALUES ('rebuild');
                CREATE TRIGGER entries_found AFTER INSERT ON entries BEGIN
                    INSERT INTO found (rowid, key, value) VALUES (NEW.id, NEW.key, NEW.value);
                END;
                """),
            HostileFile(
                "no vacuum mode", .works, "", "PRAGMA journal_mode = DELETE; PRAGMA auto_vacuum = NONE; VACUUM;"),
            HostileFile("statistics that lie", .works, "", "ANALYZE; UPDATE sqlite_stat1 SET stat = '1 1 1';"),
        ]
        + [512, 65_536].map { size in
            HostileFile("pages of \(size) bytes", .works) { path in
                try shell(path, migrationText.replacing("page_size = 4096", with: "page_size = \(size)"))
            }
        }

    static let contents: [HostileFile] =
        [
            HostileFile(
                "an index that computes a gigabyte for each row", .survives, "",
                "DELETE FROM entries; CREATE INDEX heavy ON entries (hex(zeroblob(500000000)) , key);"),
            HostileFile(
                "an index with a pattern that takes for ever", .survives, "",
                """
                DELETE FROM entries;
                CREATE INDEX slow ON entries (value LIKE '\(String(repeating: "%a", count: 80))b');
                """),
            HostileFile(
                "values of 40 megabytes", .survives, "",
                """
                UPDATE entries SET value = zeroblob(40000000) WHERE key IN ('key:3', 'kept:4');
                UPDATE entries SET value = CAST(zeroblob(40000000) AS TEXT) WHERE key = 'kept:5';
                """),
            HostileFile(
                "times at both ends of the integers, and times that are no numbers", .survives, "",
                """
                PRAGMA ignore_check_constraints = ON;
                UPDATE entries SET expires_at = 9223372036854775807, updated_at = -9223372036854775808 WHERE id % 6 = 0;
                UPDATE entries SET expires_at = -9223372036854775808, created_at = 'x' WHERE id % 6 = 1;
                UPDATE entries SET expires_at = 'tomorrow', revision = -5 WHERE id % 6 = 2;
                UPDATE entries SET expires_at = 1e300, revision = 9223372036854775807 WHERE id % 6 = 3;
                UPDATE entries SET expires_at = x'00', updated_at = 9223372036854775807 WHERE id % 6 = 4;
                INSERT INTO leases (kind, name, owner, expires_at) VALUES
                    ('lease', 'job', 'x', -9223372036854775808), ('lease', 'job:1', 'x', 'tomorrow'),
                    ('store', 'expirer', 'x', 9223372036854775807), ('compute', 'computed', 'x', 1e300);
                """),
            HostileFile(
                "numbers of leases that are used up", .survives, "",
                "INSERT OR REPLACE INTO sqlite_sequence VALUES ('leases', 9223372036854775807);"),
            HostileFile(
                "two tables in one place", .survives, "",
                writable
                    + "UPDATE sqlite_schema SET rootpage = (SELECT rootpage FROM sqlite_schema WHERE name = 'leases') "
                    + "WHERE name = 'entries';"),
            HostileFile(
                "a table on the first page", .survives, "",
                writable + "UPDATE sqlite_schema SET rootpage = 1 WHERE name = 'entries';"),
        ]
        + HostileFile.freePages.map { bytes in
            HostileFile("a wrong number of free pages: \(bytes)", .survives) { path in
                try makeStore(path)
                try RefusedFile.overwrite(path, at: 36, bytes)
            }
        }

    /// The number in the file's header.
    private static let freePages: [[UInt8]] = [
        [0xFF, 0xFF, 0xFF, 0xFF], [0x7F, 0xFF, 0xFF, 0xFF], [0x80, 0, 0, 0], [0, 0, 0, 200],
    ]

    /// As the program embeds it.
    private static var migrationText: String { Migration.all.map(\.sql).joined() }
}
