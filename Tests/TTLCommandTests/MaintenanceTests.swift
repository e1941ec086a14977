import Foundation
import TTLTestSupport
import Testing

@Suite("ttl backup, check and vacuum")
struct MaintenanceTests {
    let ttl: CommandUnderTest

    init() throws { ttl = try CommandUnderTest() }

    /// Adds values of 4 kB.
    private func addLarge(count: Int) throws {
        _ = try ttl("set", "first", "value")
        try ttl.sqlite3(
            """
            WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < \(count))
            INSERT INTO entries (key, value) SELECT 'large:' || n, hex(randomblob(2000)) FROM numbers;
            """)
    }

    private func files() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: ttl.folder.path).sorted()
    }

    // MARK: Backup

    @Test("a backup is a store with the same entries, and says how large it is")
    func backup() throws {
        _ = try ttl("set", "key", "value", "--tag", "t", "--at", "2999-01-01T00:00:00Z")
        let outcome = try ttl("backup", ttl.folder("copy.db"))
        #expect(outcome.text.hasPrefix("copied ") && outcome.text.hasSuffix(" KiB\n"))
        #expect(outcome.errors == "" && outcome.status == 0)
        let copy = try ttl("--store", ttl.folder("copy.db"), "export").text
        #expect(try copy == ttl("export").text && copy.contains("2999-01-01"))
        #expect(try ttl.shell("stat -c %a \(ttl.folder("copy.db"))").text == "600\n")
    }

    @Test("a backup goes to a file, and not to standard output")
    func toStandardOutput() throws {
        _ = try ttl("set", "key", "value")
        let outcome = try ttl("backup", "-")
        #expect(outcome.status == 64 && outcome.text.isEmpty)
        #expect(access("-", F_OK) != 0)
    }

    @Test("a backup prints nothing if it is to be quiet")
    func quietBackup() throws {
        _ = try ttl("set", "key", "value")
        let outcome = try ttl("backup", "--quiet", ttl.folder("copy.db"))
        #expect(outcome.output == [] && outcome.status == 0)
    }

    @Test("a backup leaves an existing file as it is")
    func existing() throws {
        _ = try ttl("set", "key", "value")
        _ = try ttl.shell("echo mine > \(ttl.folder("copy.db"))")
        let outcome = try ttl("backup", ttl.folder("copy.db"))
        #expect(outcome.status == 2)
        #expect(
            outcome.errors == "ttl: backup: there is something at the destination already; give another name, "
                + "or remove it first: \(ttl.folder("copy.db"))\n")
        #expect(try ttl.shell("cat \(ttl.folder("copy.db"))").text == "mine\n")
    }

    @Test("a backup into a missing folder, of a missing store, or without a name is refused in one line")
    func refusedBackup() throws {
        let missing = try ttl("backup", ttl.folder("copy.db"))
        #expect(missing.status == 2)
        #expect(missing.errors == "ttl: backup: there is no such file: \(ttl.store)\n")
        _ = try ttl("set", "key", "value")
        let outcome = try ttl("backup", ttl.folder("none/copy.db"))
        #expect(outcome.status == 2 && outcome.errors.hasPrefix("ttl: backup: the destination's folder"))
        #expect(try ttl("backup").status == 64)
        #expect(try files() == ["store.db"])
    }

    @Test("a signal ends a backup, which leaves nothing behind", arguments: [SIGINT, SIGTERM, SIGHUP])
    func interruptedBackup(signal: Int32) throws {
        try addLarge(count: 20_000)
        let child = try ttl.start("backup", ttl.folder("copy.db"))
        while try !files().contains(where: { $0.hasPrefix(".ttl-backup-") }), child.isRunning {}
        child.kill(signal)
        #expect(child.wait() == -signal)
        #expect(try files() == ["store.db"])
    }

    // MARK: Check

    private struct Report: Decodable {
        let well, complete: Bool
        let findings: [Finding]

        struct Finding: Decodable {
            let severity, code, message, advice: String
        }

        /// Without notes about the SQLite of this machine.
        var codes: [String] { findings.filter { $0.severity != "note" }.map(\.code) }
    }

    private func check() throws -> (report: Report, status: Int32) {
        let outcome = try ttl("check", "--json")
        #expect(outcome.errors == "")
        return (try JSONDecoder().decode(Report.self, from: Data(outcome.output)), outcome.status)
    }

    @Test("a store without faults is well")
    func well() throws {
        try ttl.addExpired(count: 100)
        #expect(try ttl("check").text.hasSuffix("\nAll is well.\n"))
        let (report, status) = try check()
        #expect(report.well && report.complete && report.codes == [] && status == 0)
        #expect(try ttl("check", "--quiet").output == [])
    }

    @Test("rows that break a constraint, and a view that is missing, are errors with advice")
    func errors() throws {
        _ = try ttl("set", "key", "value")
        try ttl.sqlite3(
            "INSERT INTO entries (key, value, expires_at) VALUES ('k', 'v', 17); DROP VIEW sessions;")
        let (report, status) = try check()
        #expect(!report.well && status == 1)
        #expect(Set(report.codes) == ["objectMissing", "constraintBroken"])
        #expect(report.findings.allSatisfy { !$0.advice.isEmpty })
        let text = try ttl("check").text
        #expect(
            text.contains("error    the view \"sessions\" is missing\n         Move the entries into a new store:"))
        #expect(text.hasSuffix("\nFound 3 errors.\n"))
    }

    @Test("permissions for others are a warning, with the command that takes them away")
    func permissions() throws {
        _ = try ttl("set", "key", "value")
        _ = try ttl.shell("chmod 644 $TTL_STORE")
        let outcome = try ttl("check")
        #expect(outcome.status == 1)
        #expect(outcome.text.contains("warning  the file can be read by others (mode 0644)"))
        #expect(outcome.text.contains("chmod go-rwx \(ttl.store)*\n"))
        #expect(try ttl("check", "--quiet").status == 1)
    }

    #if os(Linux)
    @Test("a finding is one line for a pipe, and on a terminal breaks between words, but for a command line")
    func widths() throws {
        _ = try ttl("set", "key", "value")
        try ttl.sqlite3("DROP VIEW sessions;")
        let piped = try ttl("check").text.split(separator: "\n")
        let finding = try #require(piped.first { $0.hasPrefix("error") && $0.count > 30 }, "\(piped)")
        let terminal = try PseudoTerminal(rows: 50, columns: 30)
        #expect(try ttl.start("check", on: terminal).wait() == 1)
        // Behind the heading.
        let lines = terminal.text.components(separatedBy: "\r\n").dropFirst(2).filter {
            !$0.contains(ttl.folder.path)
        }
        #expect(lines.allSatisfy { $0.count <= 30 || $0.contains("\u{1B}") }, "\(lines)")
        #expect(lines.joined(separator: " ").replacing(/\ +/, with: " ").contains(finding.replacing(/\ +/, with: " ")))
        #expect(terminal.text.contains("\r\n         ttl --store \(ttl.store) export | ttl --store new.db import"))
    }
    #endif

    @Test("a check changes no byte of a file, and leaves no log")
    func changesNothing() throws {
        try ttl.addExpired(count: 100)
        let sum = try ttl.shell("cksum < $TTL_STORE").text
        #expect(try ttl("check", "--quiet").status == 0)
        #expect(try ttl.shell("cksum < $TTL_STORE").text == sum)
        #expect(try files() == ["store.db"])
    }

    @Test("a damaged file that can't be opened is an error, too")
    func damaged() throws {
        _ = try ttl("set", "key", "value")
        try ttl.sqlite3("ALTER TABLE entries RENAME TO others; CREATE VIEW entries AS SELECT * FROM others;")
        let (report, status) = try check()
        #expect(report.codes == ["damaged"] && !report.complete && status == 1)
        #expect(report.findings.first?.advice.hasPrefix("Go back to a backup") == true)
    }

    @Test("what to do about many damaged pages is said once")
    func damagedPages() throws {
        try ttl.addExpired(count: 5000)
        let file = try FileHandle(forUpdating: URL(fileURLWithPath: ttl.store))
        try file.seek(toOffset: 20 * 4096)
        try file.write(contentsOf: Data(repeating: 0xA5, count: 20 * 4096))
        try file.close()
        let outcome = try ttl("check")
        #expect(outcome.status == 1)
        let lines = outcome.text.split(separator: "\n")
        #expect(lines.count { $0.hasPrefix("error") } > 5, "\(outcome.text)")
        #expect(lines.count { $0.contains("Go back to a backup") } == 1)
    }

    @Test("what is missing, or no store, can't be checked")
    func unchecked() throws {
        let missing = try ttl("check")
        #expect(missing.status == 2 && missing.errors == "ttl: check: there is no such file: \(ttl.store)\n")
        _ = try ttl.shell("echo mine > $TTL_STORE")
        let foreign = try ttl("check", "--json")
        #expect(foreign.status == 2 && foreign.output == [])
        #expect(foreign.errors == "ttl: open: the file is not an SQLite database: \(ttl.store)\n")
        #expect(try ttl.shell("cat $TTL_STORE").text == "mine\n")
        #expect(try ttl("check", "--json", "--quiet").status == 64)
    }

    // MARK: Vacuum

    @Test("a vacuum makes the file smaller, and keeps the entries")
    func vacuum() throws {
        try addLarge(count: 2000)
        try ttl.sqlite3("DELETE FROM entries WHERE key LIKE 'large:1%';")
        let outcome = try ttl("vacuum")
        #expect(outcome.text.hasPrefix("the file is ") && outcome.text.hasSuffix(" MiB smaller\n"))
        #expect(try ttl("vacuum").text == "the file is as small as it was\n")
        #expect(try ttl("vacuum", "--quiet").output == [])
        #expect(try ttl("get", "first").text == "value")
        #expect(try files() == ["store.db"])
        let (report, status) = try check()
        #expect(report.well && status == 0)
    }

    @Test("a signal ends a vacuum, and the file is as it was")
    func interruptedVacuum() throws {
        try addLarge(count: 20_000)
        let before = try ttl.shell("cksum < $TTL_STORE").text
        let child = try ttl.start("vacuum")
        // Its scratch file has no name.
        while child.isRunning, try !files().contains("store.db-wal") {}
        child.kill(SIGTERM)
        #expect(child.wait() == -SIGTERM)
        #expect(try ttl.shell("cksum < $TTL_STORE").text == before)
        #expect(try ttl("check", "--quiet").status == 0)
    }

    @Test("progress shows only on a terminal", .enabled(if: hasScript))
    func progress() throws {
        try addLarge(count: 2000)
        let copy = ttl.folder("copy.db")
        for (line, unit) in [("backup \(copy)", " of "), ("check", " pages"), ("vacuum", " pages")] {
            let text = try ttl.shell("script -qec '$ttl \(line)' /dev/null").text
            #expect(text.contains(unit) && text.contains("\r\u{1B}[K\u{1B}[J"), "\(line)")
        }
    }
}
