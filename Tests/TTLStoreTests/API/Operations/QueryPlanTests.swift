import CTTLSQLite
import TTLTestSupport
import Testing

@testable import TTLStore

@Suite("The plans of the library's statements") struct QueryPlanTests {
    @Test("the library's statements find rows through an index: none scans a table, and none sorts")
    func plans() async throws {
        // With limits there is the index of ages, and with one connection all statements are seen.
        let store = try Setting.inMemory.open { $0.maximumEntries = 10 }
        let log = StatementLog()
        try store.store.engine.write("follow") { log.follow($0.connection) }
        try await runAll(store)
        let removals = try store.store.removals(includingValues: true)
        try await runAll(store)
        try store.store.engine.write("follow") { log.leave($0.connection) }
        #expect(removals.takeBuffered().count > 20)
        let statements = Set(log.statements + EntrySQL.allCases.map(\.text)).subtracting(QueryPlanTests.scans)
        let plans = try store.store.engine.write("explain") { writer in
            try statements.map { ($0, try writer.connection.plan($0)) }
        }
        for (sql, plan) in plans {
            let rest = plan.replacing(QueryPlanTests.scanInOrder, with: "")
            #expect(!rest.contains("SCAN") && !rest.contains("TEMP B-TREE"), "\(sql): \(plan)")
            #expect(!sql.contains("tag = ?5 AND") || plan.contains("entries_by_tag"), "\(sql): \(plan)")
        }
        for index in ["entries_by_expiry", "entries_by_tag", "entries_by_age", "leases_by_expiry"] {
            #expect(plans.contains { $0.1.contains(index) }, "\(index)")
        }
    }

    /// The statements that have to see all rows.
    private static let scans: Set = [EntrySQL.snapshot.text, "SELECT count(*) FROM entries"]

    /// The scan for the oldest entries, which ends after the requested number.
    private static let scanInOrder = "SCAN entries USING INDEX entries_by_age"

    /// Runs every operation on an absent, an expired and a live entry, and the calls that `Operation` lacks.
    private func runAll(_ store: StoreUnderTest) async throws {
        for operation in Operation.allCases {
            for before in Before.allCases {
                try await before.make(store, "key")
                try await operation.run(store, "key")
                try await store.remove("key")
            }
        }
        for number in 0..<20 { try await store.set("\(number)", "v", expiring: .after(.seconds(1)), tag: "t") }
        _ = try store.store.expiredEntries()
        _ = try store.store.summaries(.tag("t"), expired: true)
        try await store.removeAll(.prefix("1"))
        store.clock.advance(by: .seconds(1))
        try await store.purgeExpired()
    }
}

/// The statements that a connection runs, as they were prepared.
private final class StatementLog: @unchecked Sendable {
    // Sendable: used by one thread after the other.
    private(set) var statements: Set<String> = []

    func follow(_ connection: Connection) {
        let note:
            @convention(c) (UInt32, UnsafeMutableRawPointer?, UnsafeMutableRawPointer?, UnsafeMutableRawPointer?)
                -> Int32 = { _, log, _, text in
                    guard let log, let text else { return 0 }
                    Unmanaged<StatementLog>.fromOpaque(log).takeUnretainedValue()
                        .note(String(cString: text.assumingMemoryBound(to: CChar.self)))
                    return 0
                }
        sqlite3_trace_v2(
            connection.handle, UInt32(SQLITE_TRACE_STMT), note, Unmanaged.passUnretained(self).toOpaque())
    }

    func leave(_ connection: Connection) { sqlite3_trace_v2(connection.handle, 0, nil, nil) }

    /// Neither the beginning of a trigger, which comes as a comment, nor a setting or a transaction.
    private func note(_ sql: String) {
        if ["SELECT", "INSERT", "UPDATE", "DELETE"].contains(where: sql.hasPrefix) { statements.insert(sql) }
    }
}

extension Connection {
    fileprivate func plan(_ sql: String) throws(SQLiteError) -> String {
        let statement = try Statement("EXPLAIN QUERY PLAN " + sql, on: self)
        var steps: [String] = []
        while try statement.step() { steps.append(statement.withBytes(3) { String(decoding: $0, as: UTF8.self) }) }
        return steps.joined(separator: "; ")
    }
}
