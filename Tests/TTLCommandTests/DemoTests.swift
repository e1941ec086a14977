import Foundation
import TTLTestSupport
import Testing

@Suite("ttl demo", .serialized)
struct DemoTests {
    let ttl: CommandUnderTest

    init() throws { ttl = try CommandUnderTest() }

    @Test("every claim of the tour holds, and its folder is removed")
    func tour() throws {
        let outcome = try ttl("demo")
        #expect(outcome.status == 0, "\(outcome.text)\(outcome.errors)")
        #expect(outcome.text.contains("All ") && !outcome.text.contains("✗"))
        #expect(!outcome.output.contains(0x1B))
        #expect(remains == [])
    }

    @Test("a signal ends the tour as a signal does, and the folder is removed", arguments: [SIGINT, SIGTERM, SIGHUP])
    func interrupted(signal: Int32) throws {
        let demo = try ChildProcess("ttl", ["demo"], environment: ["TMPDIR": ttl.folder.path])
        #expect(eventually { !remains.isEmpty })
        demo.kill(signal)
        #expect(demo.wait() == -signal)
        #expect(remains == [])
    }

    @Test("a reader that leaves early ends the tour, and the folder is removed")
    func brokenPipe() throws {
        let outcome = try ttl.shell("$ttl demo | head -n 2")
        #expect(outcome.text.split(separator: "\n").count == 2)
        #expect(outcome.errors == "")
        #expect(eventually { remains.isEmpty })
    }

    @Test("without the sqlite3 shell the tour goes on, and says what to install")
    func withoutShell() throws {
        let demo = try ChildProcess("ttl", ["demo"], environment: ["TMPDIR": ttl.folder.path, "PATH": "/nonexistent"])
        var lines: [String] = []
        while let line = demo.readLine(), !line.contains("3. ") { lines.append(line) }
        #expect(lines.contains { $0.contains("apt-get install sqlite3") })
        demo.kill(SIGTERM)
        demo.wait()
        #expect(remains == [])
    }

    private var remains: [String] { (try? FileManager.default.contentsOfDirectory(atPath: ttl.folder.path)) ?? [] }
}
