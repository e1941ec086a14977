import CTTLBenchmarkLoops
import GRDB
import TTLStore

/// The statements and settings of the store, which the others run as well. Parameters: `?1` key, `?2` now,
/// `?3` expires_at, `?4` value, `?5` tag, `?6` revision.
enum SQL {
    private static let live = "(entries.expires_at IS NULL OR entries.expires_at > ?2)"

    /// As `EntrySQL.value`.
    static let get = "SELECT value FROM entries WHERE key = ?1 AND \(live)"

    /// As `EntrySQL.set`.
    static let set = """
        INSERT INTO entries (key, value, expires_at, created_at, updated_at, tag) VALUES (?1, ?4, ?3, ?2, ?2, ?5)
        ON CONFLICT (key) DO UPDATE SET
            value = excluded.value,
            expires_at = excluded.expires_at,
            created_at = CASE WHEN entries.expires_at <= ?2 THEN ?2 ELSE entries.created_at END,
            updated_at = ?2,
            revision = entries.revision + 1,
            tag = excluded.tag
        """

    /// As `EntrySQL.remove`.
    static let remove = "DELETE FROM entries WHERE key = ?1 AND \(live)"

    /// As `EntrySQL.replaceValue`.
    static let replaceValue = """
        UPDATE entries SET value = ?4, updated_at = ?2, revision = revision + 1 WHERE key = ?1 AND \(live)
        """

    /// As `EntrySQL.setIfUnchanged`.
    static let setIfUnchanged = """
        UPDATE entries SET
            value = ?4, expires_at = ?3, updated_at = ?2, revision = revision + 1, tag = ?5
        WHERE key = ?1 AND revision = ?6 AND \(live)
        """

    /// As `EntrySQL.touch`.
    static let touch = "UPDATE entries SET expires_at = ?3 WHERE key = ?1 AND \(live)"

    /// What a client reads before it compares and sets.
    static let revision = "SELECT revision FROM entries WHERE key = ?1 AND \(live)"

    /// As `StoreFile`'s, except that the log is checkpointed by SQLite.
    static let settings = """
        PRAGMA journal_mode = WAL;
        PRAGMA synchronous = NORMAL;
        PRAGMA secure_delete = ON;
        PRAGMA temp_store = MEMORY;
        PRAGMA mmap_size = 0;
        PRAGMA cache_size = -2000;
        PRAGMA wal_autocheckpoint = 1000;
        """

    /// As `StoreFile`'s: the log is left to a thread.
    static let settingsWithoutCheckpoints = settings + "PRAGMA wal_autocheckpoint = 0;"
}

/// How long what is written lives: an hour.
let timeToLive: Duration = .seconds(3600)
let timeToLiveMilliseconds: Int64 = 3_600_000

/// The C loops on one file.
final class CStore {
    private let handle: OpaquePointer

    init(_ path: String, settings: String = SQL.settings) throws {
        var opened: OpaquePointer?
        try check(ttl_bench_open(path, settings, SQL.get, SQL.set, &opened), "opening in C")
        handle = opened!  // set where the code is SQLITE_OK
    }

    deinit { ttl_bench_close(handle) }

    /// Returns the bytes read.
    func get(_ material: Material, _ order: [UInt32]) throws -> Int {
        var bytes: Int64 = 0
        try check(ttl_bench_get(handle, material.flatKeys, order, Int64(order.count), &bytes), "get in C")
        return Int(bytes)
    }

    /// Returns the nanoseconds that each call took.
    func set(_ material: Material, _ order: [UInt32]) throws -> [Int64] {
        var times = [Int64](repeating: 0, count: order.count)
        try check(
            ttl_bench_set(
                handle, material.flatKeys, order, Int64(order.count), timeToLiveMilliseconds, Material.value, &times),
            "set in C")
        return times
    }

    /// Prepares the statements of a change, and those around it.
    func prepare(_ change: Change? = nil) throws {
        try check(ttl_bench_prepare(handle, change?.read, change?.write), "preparing in C")
    }

    /// Returns the nanoseconds that each call took.
    /// - Parameter revisions: the revisions that a compare-and-set expects, one for each call.
    func run(_ change: Change, _ material: Material, _ order: [UInt32], _ revisions: [Int64]) throws -> [Int64] {
        var times = [Int64](repeating: 0, count: order.count)
        try check(
            ttl_bench_change_all(
                handle, change.loop, material.flatKeys, order, Int64(order.count), timeToLiveMilliseconds,
                Material.value, revisions, &times),
            "\(change.title) in C")
        return times
    }

    /// What the statement that reads finds for each key.
    func integers(_ material: Material, _ order: [UInt32]) throws -> [Int64] {
        var integers = [Int64](repeating: 0, count: order.count)
        try check(
            ttl_bench_integers(handle, material.flatKeys, order, Int64(order.count), &integers), "reading in C")
        return integers
    }

    func setBatch(_ material: Material, _ order: [UInt32]) throws {
        try check(
            ttl_bench_set_batch(
                handle, material.flatKeys, order, Int64(order.count), timeToLiveMilliseconds, Material.value),
            "a batch in C")
    }

    /// Writes some keys in each commit, while a thread copies the log on the connection of `other`.
    /// - Parameter limit: of the log, in frames; 0 for none.
    /// - Returns: the seconds until the last commit.
    func setGroups(
        _ material: Material, _ order: [UInt32], of size: Int, _ other: CStore, limit: Int32
    ) throws -> Double {
        var time: Int64 = 0
        try check(
            ttl_bench_set_groups(
                handle, other.handle, limit, material.flatKeys, order, Int64(order.count), Int64(size),
                timeToLiveMilliseconds, Material.value, &time),
            "sets in groups in C")
        return Double(time) / 1e9
    }

    func purge() throws -> Int {
        var count: Int64 = 0
        try check(ttl_bench_purge(handle, &count), "purge in C")
        return Int(count)
    }
}

/// The work as a user who knows GRDB writes it: a pool, cached statements, one transaction for a write.
struct GRDBStore: Sendable {
    private let pool: DatabasePool

    init(_ path: String) throws {
        var configuration = Configuration()
        configuration.busyMode = .timeout(5)
        configuration.prepareDatabase { db in
            try db.execute(sql: SQL.settings)
            try check(ttl_bench_disable_triggers(db.sqliteConnection.map(UnsafeMutableRawPointer.init)), "triggers")
        }
        pool = try DatabasePool(path: path, configuration: configuration)
    }

    func get(_ key: String) throws -> String? {
        try pool.read { db in
            let now = ttl_bench_wall()
            return try String.fetchOne(db.cachedStatement(sql: SQL.get), arguments: [key, now])
        }
    }

    func set(_ key: String, _ value: String) throws {
        try pool.write { db in
            let now = ttl_bench_wall()
            try db.cachedStatement(sql: SQL.set)
                .execute(arguments: [key, now, now + timeToLiveMilliseconds, value, nil])
        }
    }

    func close() throws { try pool.close() }

    /// Deletes up to `limit` expired rows, in one transaction.
    func purgeBatch(limit: Int) throws -> Int {
        try pool.write { db in
            try db.cachedStatement(
                sql: """
                    DELETE FROM entries WHERE id IN (
                        SELECT id FROM entries WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2)
                    """
            ).execute(arguments: [ttl_bench_wall(), limit])
            return db.changesCount
        }
    }
}

/// An SQLite result code that is not 0, and what was tried.
struct SQLiteFailure: Error, CustomStringConvertible {
    let code: Int32
    let action: String

    var description: String { "\(action): SQLite's code \(code)" }
}

func check(_ code: Int32, _ action: String) throws {
    guard code == 0 else { throw SQLiteFailure(code: code, action: action) }
}
