import CTTLSQLite
import Foundation
import TTLTestSupport
import Testing

@testable import TTLStore

@Suite("What can be read of a damaged file") struct SalvageTests {
    private let folder: TemporaryFolder
    private let path: String

    init() throws {
        folder = try TemporaryFolder()
        path = folder("store.db")
    }

    /// A closed store of entries in another order than that of their rows; one in a hundred has a value of some pages.
    private func makeStore(_ count: Int = 2000) throws {
        let store = try TTLStore(path: path)
        let numbers = (0..<count).map { ($0 * 7919) % count }
        try store.setAll(
            numbers.map {
                let value = $0 % 100 == 0 ? String(repeating: "v", count: 20_000) : "value \($0)"
                return .init("key:\($0)", .text(value), tag: $0 % 3 == 0 ? "third" : nil)
            })
        store.close()
    }

    /// The pages of a table or an index, in the order of what they hold.
    private func pages(_ name: String, _ type: String = "leaf") throws -> [UInt64] {
        let sql = "SELECT pageno FROM dbstat WHERE name = '\(name)' AND pagetype = '\(type)' ORDER BY path;"
        return try shell(path, sql).split(separator: "\n").compactMap { UInt64($0) }
    }

    private func erase(_ pages: [UInt64]) throws {
        let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
        for page in pages {
            try file.seek(toOffset: (page - 1) * 4096)
            try file.write(contentsOf: Data(repeating: 0, count: 4096))
        }
        try file.close()
    }

    private struct Salvaged {
        var keys: Set<String> = []
        var gaps: [ClosedRange<Int64>] = []
    }

    private func salvage(_ selection: TTLStore.Selection = .all, limit: Int = 1000) throws -> Salvaged {
        let store = try TTLStore(path: path)
        defer { store.close() }
        var result = Salvaged()
        var row: Int64?
        repeat {
            let page = try store.salvage(selection, limit: limit, after: row)
            #expect(page.entries.count <= limit)
            for entry in page.entries { #expect(result.keys.insert(entry.key).inserted) }
            if let gap = page.unreadable { result.gaps.append(gap) }
            if let (row, next) = row.flatMap({ row in page.next.map { (row, $0) } }) { #expect(next > row) }
            row = page.next
        } while row != nil
        return result
    }

    private func keys(where condition: String = "true") throws -> Set<String> {
        Set(try shell(path, "SELECT key FROM entries WHERE \(condition);").split(separator: "\n").map(String.init))
    }

    private static let selections: [(TTLStore.Selection, String)] = [
        (.all, "true"), (.prefix("key:1"), "key GLOB 'key:1*'"), (.tag("third"), "tag = 'third'"),
    ]

    @Test("of a whole file, that is each live entry, and no gap", arguments: Setting.all)
    func whole(setting: Setting) async throws {
        let store = try setting.open()
        for number in 0..<50 { try await store.set("b:\(number)", "value", tag: number % 2 == 0 ? "even" : nil) }
        try await store.set("a", "value", expiring: .after(.seconds(1)))
        for selection in [TTLStore.Selection.all, .prefix("b:1"), .tag("even")] {
            let page = try await store.salvage(selection)
            #expect(try await Set(page.entries) == Set(store.entries(selection).elements))
            #expect(page.unreadable == nil)
        }
        store.clock.advance(by: .seconds(1))
        let live = try await store.salvage()
        #expect(live.entries.count == 50)
        #expect(try await store.salvage(limit: 7).entries == Array(live.entries.prefix(7)))
        await expectFailure(.invalidArgument) { try await store.salvage(limit: 0) }
        #expect(try await store.salvage(after: .max).entries == [])
    }

    @Test(
        "what is on other pages of the table is read, and the gaps are the rows of the damaged ones",
        arguments: [[10], [10, 11], [10, 20, 21, 30]])
    func table(damaged: [Int]) throws {
        try makeStore()
        let all = try pages("entries")
        let rows = try #require(try Int(shell(path, "SELECT max(id) FROM entries;")))
        let before = try SalvageTests.selections.map { try ($0.0, keys(where: $0.1)) }
        try erase(damaged.map { all[$0] })
        let found = try salvage(limit: 100)
        let lost = found.gaps.map { "id BETWEEN \($0.lowerBound) AND \($0.upperBound)" }.joined(separator: " OR ")
        // An index has the keys of the lost rows.
        let missing = try shell(
            path, "SELECT key FROM entries INDEXED BY sqlite_autoindex_entries_1 WHERE \(lost) ORDER BY key;")
        let lostKeys = Set(missing.split(separator: "\n").map(String.init))
        #expect(found.keys == before[0].1.subtracting(lostKeys))
        #expect(lostKeys.count == found.gaps.reduce(0) { $0 + $1.count })
        #expect(!found.keys.isEmpty && !lostKeys.isEmpty && found.gaps.allSatisfy { $0.upperBound < rows })
        for (selection, keys) in before { #expect(try salvage(selection).keys == keys.subtracting(lostKeys)) }
    }

    @Test("a value whose pages are damaged is a gap of one row")
    func value() throws {
        try makeStore()
        let all = try keys()
        let large = try shell(path, "SELECT id FROM entries WHERE length(value) = 20000;").split(separator: "\n")
        let pages = try pages("entries", "overflow")
        // The first page of a value in the middle.
        try erase([pages[large.count / 2 * (pages.count / large.count)]])
        let found = try salvage()
        #expect(found.gaps.count == 1)
        let gap = try #require(found.gaps.first)
        #expect(gap.lowerBound == gap.upperBound && large.contains("\(gap.lowerBound)"))
        #expect(found.keys.count == all.count - 1)
    }

    @Test(
        "the first and the last page of the table, and all of it, are gaps without an end",
        arguments: ["first", "last", "root"])
    func ends(which: String) throws {
        try makeStore()
        let all = try pages("entries")
        let root = try pages("entries", "internal")
        let count = try keys().count
        try erase(which == "root" ? [root[0]] : [which == "first" ? all[0] : all[all.count - 1]])
        let found = try salvage()
        #expect(found.gaps.count == 1)
        #expect((found.gaps.first?.lowerBound == .min) == (which != "last"))
        #expect((found.gaps.first?.upperBound == .max) == (which != "first"))
        #expect(which == "root" ? found.keys.isEmpty : found.keys.count > count * 3 / 4)
    }

    @Test("damage to the indexes loses nothing")
    func indexes() throws {
        try makeStore()
        let before = try SalvageTests.selections.map { try ($0.0, keys(where: $0.1)) }
        try erase(try pages("sqlite_autoindex_entries_1") + pages("entries_by_tag"))
        for (selection, keys) in before {
            let found = try salvage(selection)
            #expect(found.keys == keys && found.gaps == [])
        }
    }

    @Test("rows far apart are found behind a gap")
    func sparse() throws {
        try makeStore()
        try shell(path, "UPDATE entries SET id = id * 1000000007;")
        let all = try pages("entries")
        let count = try keys().count
        try erase([all[all.count / 2]])
        let found = try salvage()
        #expect(found.gaps.count == 1)
        #expect(found.keys.count < count && found.keys.count > count * 3 / 4)
    }

    @Test("whole pages between damaged ones are read also behind a large gap")
    func largeGap() throws {
        let store = try TTLStore(path: path)
        let value = TTLStore.Value.text(String(repeating: "v", count: 1000))
        try store.setAll((0..<5000).map { .init("key:\($0)", value) })
        store.close()
        // Under one page of the second level, and of the pages that follow each second one.
        let behind = "path GLOB '/002/0[01][13579bdf]/'"
        let lost = try shell(
            path,
            "SELECT sum(ncell) FROM dbstat WHERE name = 'entries' AND (path GLOB '/001/???/' OR \(behind));")
        let damaged = try shell(
            path, "SELECT pageno FROM dbstat WHERE name = 'entries' AND (path = '/001/' OR \(behind));")
        try erase(damaged.split(separator: "\n").compactMap { UInt64($0) })
        let found = try salvage()
        #expect(found.gaps.first.map { $0.count > 1000 } == true)
        #expect(try found.keys.count == 5000 - #require(Int(lost)))
    }

    @Test("a value that is too large to be read is a gap")
    func tooLarge() throws {
        try makeStore(10)
        try shell(path, "UPDATE entries SET value = zeroblob(17000000) WHERE id = 5;")
        let found = try salvage()
        #expect(found.gaps == [5...5])
        #expect(found.keys.count == 9)
    }

    @Test(
        "a lack of memory is not taken for damage, however SQLite reports it",
        arguments: [
            (code: SQLITE_NOMEM, number: 0, isCertain: true, isDamage: false),
            // SQLITE_IOERR_NOMEM and SQLITE_IOERR_READ, macros that are not imported.
            (SQLITE_IOERR | 12 << 8, 0, true, false), (SQLITE_IOERR | 1 << 8, ENOMEM, true, false),
            (SQLITE_IOERR | 1 << 8, EIO, true, true), (SQLITE_CORRUPT, 0, true, true), (SQLITE_BUSY, 0, true, false),
            // The number may be that of an earlier call.
            (SQLITE_IOERR | 1 << 8, ENOMEM, false, true),
        ])
    func memory(code: Int32, number: Int32, isCertain: Bool, isDamage: Bool) {
        var error = SQLiteError(code: code, message: "")
        (error.systemError, error.isSystemErrorCertain) = (number, isCertain)
        #expect(error.isDamage == isDamage)
    }
}
