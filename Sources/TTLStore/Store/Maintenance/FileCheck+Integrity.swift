internal import CTTLSQLite

extension FileCheck {
    /// How many of SQLite's messages are read at most.
    private static let maximumMessages = 100

    /// Pages, indexes and constraints, as `PRAGMA integrity_check` finds them. Its messages name pages, row ids,
    /// tables, indexes and columns, but no key and no value.
    mutating func checkIntegrity() throws {
        // SQLite doesn't even parse CHECK constraints where it can't write (sqlite3AddCheckConstraint in build.c).
        if sqlite3_db_readonly(connection.handle, "main") == 1 {
            find(
                .note, .constraintsUnchecked, "rows that break a CHECK constraint are found only by a store that writes"
            )
        }
        let statement = try Statement("PRAGMA integrity_check(\(FileCheck.maximumMessages))", on: connection)
        var counts: [IntegrityMessage: Int] = [:]
        var order: [IntegrityMessage] = []
        var total = 0
        defer {
            for message in order { find(.error, message.code, message.text(times: counts[message] ?? 1)) }
            if total >= FileCheck.maximumMessages { report.isComplete = false }
        }
        while try statement.step() {
            let answer = statement.withBytes(0) { String(decoding: $0, as: UTF8.self) }
            for line in answer.split(separator: "\n") where line != "ok" && !line.hasPrefix("***") {
                total += 1
                let message = IntegrityMessage(line)
                if counts[message] == nil { order.append(message) }
                counts[message, default: 0] += 1
            }
        }
    }
}

/// A line of `PRAGMA integrity_check` without the number of the row, so that equal messages about many rows become one.
struct IntegrityMessage: Hashable {
    let code: TTLStore.CheckReport.Code
    private let text: String

    init(_ line: some StringProtocol) {
        var words = line.split(separator: " ")
        // "row 17 missing from index entries_by_expiry"
        if words.count > 2, words[0] == "row", Int(words[1]) != nil { words[0...1] = ["a row is"] }
        let text = words.joined(separator: " ")
        self.text = PrintableName.shown(text, limit: 200)
        code =
            if FileCheck.constraintPhrases.contains(where: text.contains) {
                .constraintBroken
            } else if FileCheck.indexPhrases.contains(where: text.contains) { .indexMismatch } else { .damaged }
    }

    func text(times: Int) -> String {
        let counted = times == 1 ? text : "\(text) (\(times) times)"
        // Not if two rows have one key: then the index can't be rebuilt.
        guard code == .indexMismatch, !text.hasPrefix("non-unique") else { return counted }
        return counted + "; REINDEX in the sqlite3 shell makes it anew"
    }
}

extension FileCheck {
    fileprivate static let constraintPhrases = ["constraint failed in", "NULL value in", " value in "]
    fileprivate static let indexPhrases = [" index "]
}
