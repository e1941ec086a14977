import Foundation
import TTLStore
import TTLTestSupport
import Testing

@Suite("The articles about the command and the shell") struct ArticleTests {
    /// The articles show the warning of a version with the WAL-reset bug, as Debian's is.
    private static var showsWarning: Bool {
        (try? TTLStore.inMemory().statistics().hasWALResetBug) ?? false
    }

    @Test("each example of \"The command\" prints what the article shows", .enabled(if: showsWarning))
    func command() throws {
        let session = try ConsoleSession()
        let examples = try ConsoleExample.all(of: "TheCommand")
        #expect(examples.count > 30)
        for example in examples { try expect(example, in: session) }
    }

    @Test("each example of \"Looking inside\" prints what the article shows, and the running program sees each edit")
    func shell() throws {
        let session = try ConsoleSession()
        let store = try TTLStore(path: session.folder("app.db"))
        let examples = try ConsoleExample.all(of: "LookingInside")
        #expect(examples.count > 40)
        for example in examples {
            try expect(example, in: session)
            let seen = try ChildProcess.sqlite3(
                session.folder("app.db"), "SELECT key || '=' || value FROM live ORDER BY key;")
            #expect(seen.status == 0)
            #expect(try entries(store).joined() == seen.text, "\(example.line)")
        }
        #expect(try entries(store).count > 3)
        store.close()
    }

    private func expect(_ example: ConsoleExample, in session: ConsoleSession) throws {
        let printed = session.run(example.line)
        let (shown, expected) = (ConsoleExample.shape(printed), ConsoleExample.shape(example.output))
        #expect(shown == expected, "\(example.line) prints:\n\(printed.joined(separator: "\n"))")
    }

    /// By reads of single keys, which come from memory where nobody else has written.
    private func entries(_ store: TTLStore) throws -> [String] {
        try store.keys().elements.map { key in
            switch try store.entry(key)?.value {
            case .text(let text): "\(key)=\(text)\n"
            case .integer(let number): "\(key)=\(number)\n"
            case .bytes, nil: "\(key)\n"
            }
        }
    }

    @Test("another output is not taken for the one of an article")
    func otherOutputs() {
        let shape = ConsoleExample.shape
        #expect(shape(["live  3, in 59s"]) == shape(["live 12, in 5m2s"]))
        #expect(shape(["live 3"]) != shape(["dead 3"]))
        #expect(shape(["Error: stepping, key is text (19)"]) == shape(["Runtime error near line 1: key is text (19)"]))
        #expect(shape(["key is text"]) != shape(["value is text"]))
        #expect(shape(["a"]) != shape(["a", "b"]))
    }
}
