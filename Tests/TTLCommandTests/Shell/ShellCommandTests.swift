import Foundation
import TTLStore
import TTLTestSupport
import Testing

@testable import ttl

@Suite("ttl shell") struct ShellCommandTests {
    let ttl: CommandUnderTest

    init() throws { ttl = try CommandUnderTest() }

    @Test("SQL runs on the store, prints plain lines, and is seen by a program that has it open")
    func statements() throws {
        let store = try TTLStore(path: ttl.store)
        defer { store.close() }
        try store.set("a", "x y", expiring: .after(.seconds(3600)))
        try store.set("b", "z")
        #expect(try ttl("shell", "SELECT key, value FROM live ORDER BY key").text == "a|x y\nb|z\n")
        #expect(try ttl("shell", "--", "SELECT key FROM live WHERE ttl IS NULL").text == "b\n")
        let json = try ttl("shell", "--", "-json", "SELECT value FROM live WHERE key = 'b'")
        #expect(json.text == "[{\"value\":\"z\"}]\n")
        #expect(try ttl.shell("echo 'SELECT count(*) FROM live;' | $ttl shell").text == "2\n")
        #expect(try ttl("shell", "INSERT INTO live (key, value, ttl) VALUES ('c', 'new', 60)").status == 0)
        #expect(try store.get("c") == "new")
    }

    @Test("the exit status is the one of sqlite3")
    func status() throws {
        _ = try ttl("set", "a", "b")
        let outcome = try ttl("shell", "SELECT nonsense")
        #expect(outcome.status != 0)
        #expect(outcome.errors.contains("nonsense") && !outcome.errors.contains("ttl:"))
        #expect(try ttl("shell", "--", "-cmd", ".exit 7", "SELECT 1").status == 7)
    }

    @Test("it checkpoints nothing, as a version with the WAL-reset bug must not, and waits for its turn")
    func settings() throws {
        _ = try ttl("set", "a", "b")
        #expect(try ttl("shell", "PRAGMA wal_autocheckpoint; PRAGMA busy_timeout;").text == "0\n5000\n")
    }

    @Test("a transaction that it holds open keeps no reader out")
    func transaction() throws {
        let store = try TTLStore(path: ttl.store)
        defer { store.close() }
        try store.set("a", "b")
        let shell = try ttl.start("shell")
        shell.send("BEGIN IMMEDIATE; UPDATE live SET value = 'c' WHERE key = 'a'; SELECT value FROM live;\n")
        #expect(shell.readLine() == "c")
        #expect(try store.get("a") == "b")
        shell.send("COMMIT; SELECT 'done';\n")
        #expect(shell.readLine() == "done")
        #expect(try store.get("a") == "c")
        shell.closeInput()
        #expect(shell.wait() == 0)
    }

    @Test("a file that is not there, or that is no store, is not opened")
    func noStore() throws {
        let missing = try ttl("shell", "SELECT 1")
        #expect(missing.status == 2)
        #expect(missing.errors == "ttl: shell: there is no such file: \(ttl.store)\n")
        #expect(!FileManager.default.fileExists(atPath: ttl.store))
        let foreign = try ttl.shell("sqlite3 $TTL_STORE 'CREATE TABLE t (a)'; $ttl shell 'SELECT 1'")
        #expect(foreign.status == 2)
        #expect(foreign.text == "" && foreign.errors.hasPrefix("ttl: "))
    }

    @Test("a file whose name looks like an option or a URL is opened all the same")
    func names() throws {
        for name in ["-json", "file:a.db?mode=memory", ":memory:", "it's"] {
            let outcome = try ttl.shell(
                "cd $TMPDIR; $ttl --store=\"$name\" set a \"in $name\"; "
                    + "$ttl --store=\"$name\" shell 'SELECT value FROM live'",
                environment: ["name": name])
            #expect(outcome.text == "in \(name)\n", "\(outcome.errors)")
        }
    }

    @Test("without the program sqlite3, it says what to install")
    func noProgram() throws {
        _ = try ttl("set", "a", "b")
        let outcome = try ttl.shell("PATH=/nowhere $ttl shell")
        #expect(outcome.status == 127)
        #expect(
            outcome.errors == "ttl: shell: there is no program sqlite3; install it, e.g. by 'apt install sqlite3'\n")
    }

    @Test("your own settings decide how the shell looks, but not what a script gets")
    func ownSettings() {
        let plain = ShellProgram.options(isInteractive: true, hasOwnSettings: false)
        let own = ShellProgram.options(isInteractive: true, hasOwnSettings: true)
        #expect(plain.contains(".mode box") && !own.contains(".mode box") && own.contains(".timeout 5000"))
        for hasOwnSettings in [false, true] {
            let script = ShellProgram.options(isInteractive: false, hasOwnSettings: hasOwnSettings)
            #expect(script.contains("/dev/null") && script.contains("-list") && !script.contains(".mode box"))
        }
    }

    #if os(Linux)
    @Test("on a terminal it draws tables, names the views, and takes SQL line by line")
    func terminal() throws {
        _ = try ttl("set", "motd", "hello")
        let terminal = try PseudoTerminal(rows: 24, columns: 80)
        let child = try ttl.bash("HOME=$TMPDIR XDG_CONFIG_HOME= \"$ttl\" shell", on: terminal)
        #expect(terminal.eventuallyShows("ttl> "))
        #expect(["live ", "expired ", "sessions "].allSatisfy(terminal.text.contains))
        terminal.send("SELECT key, value FROM live;\n")
        #expect(terminal.eventuallyShows("│ motd │ hello │"))
        terminal.send(".exit 3\n")
        #expect(child.wait() == 3)
    }
    #endif
}
