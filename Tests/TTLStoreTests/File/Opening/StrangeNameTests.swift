import Foundation
import TTLTestSupport
import Testing

/// In processes of their own, since the environment and the current folder belong to a whole process.
@Suite("Names that are not UTF-8") struct StrangeNameTests {
    @Test("a folder or link target whose name is not UTF-8 is refused, and no file is made anywhere")
    func folders() throws {
        let folder = try TemporaryFolder()
        let outcome = try ChildProcess.run("TTLTestProcess", ["open-in-strange-folder", folder.path])
        let refusal = "cannotOpen: the path can't be used: it leads through a name that is not valid UTF-8"
        #expect(
            outcome.text.split(separator: "\n").map(String.init)
                == Array(repeating: refusal, count: 6) + ["cannotOpen"], "\(outcome.errors)")
        let listing = try ChildProcess.run("/usr/bin/env", ["ls", folder.path]).output
        let names = Set(listing.split(separator: UInt8(ascii: "\n")).map(Array.init))
        #expect(names == [Array("link".utf8), Array("link.db".utf8), Array("source.db".utf8), [0xE9, 0x78]])
        let found = try ChildProcess.run("/usr/bin/env", ["sh", "-c", "ls \"$1\"/?x/ \"$1\"/link/", "sh", folder.path])
        #expect(found.text.split(separator: "\n").filter { $0 == "store.db" }.count == 2, "\(found.text)")
        #expect(!found.text.contains("new") && !found.text.contains("backup"))
    }

    #if !canImport(Darwin)
    @Test(
        "the default path refuses names in the environment that are not UTF-8",
        arguments: [
            ("XDG_STATE_HOME", "XDG_STATE_HOME is not valid UTF-8"), ("HOME", "the home folder is not valid UTF-8"),
        ])
    func environment(variable: String, message: String) throws {
        let outcome = try ChildProcess.run(
            "TTLTestProcess", ["default-path-of-bytes", variable, "2FE978"],
            environment: ["XDG_STATE_HOME": "", "HOME": "/home/a"])
        #expect(outcome.text == "cannotOpen: \(message)\n")
        let valid = try ChildProcess.run(
            "TTLTestProcess", ["default-path-of-bytes", variable, "2FC3A9"],
            environment: ["XDG_STATE_HOME": "", "HOME": "/home/a"])
        #expect(valid.text.hasPrefix("/é/"))
    }
    #endif
}
