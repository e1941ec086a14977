import TTLStore
import TTLTestSupport
import Testing

/// In processes of their own, since the environment belongs to a whole process.
@Suite("The default path of a command-line tool") struct DefaultPathTests {
    private func path(_ environment: [String: String]) throws -> String {
        let outcome = try ChildProcess.run("TTLTestProcess", ["default-path", "tool"], environment: environment)
        return outcome.text.hasSuffix("\n") ? String(outcome.text.dropLast()) : outcome.text
    }

    #if !canImport(Darwin)
    @Test("the default path is in XDG_STATE_HOME, or without it in the home folder's .local/state")
    func state() throws {
        #expect(try path(["XDG_STATE_HOME": "/state", "HOME": "/home/a"]) == "/state/tool/store.db")
        #expect(try path(["XDG_STATE_HOME": "", "HOME": "/home/a"]) == "/home/a/.local/state/tool/store.db")
    }

    @Test("relative paths in the environment are invalid and ignored")
    func relative() throws {
        for wrong in ["state", "./state", "~/state"] {
            #expect(
                try path(["XDG_STATE_HOME": wrong, "HOME": "/home/a"]) == "/home/a/.local/state/tool/store.db")
        }
        // The user database knows a home that HOME does not.
        #expect(try path(["XDG_STATE_HOME": "", "HOME": "a"]).hasPrefix("/"))
        #expect(try path(["XDG_STATE_HOME": "", "HOME": ""]).hasSuffix("/.local/state/tool/store.db"))
    }
    #endif

    @Test("a tool's name is one path component")
    func names() throws {
        for wrong in ["", "a/b", "/", ".", "..", ".hidden", "a\0b"] {
            let error = expectFailure(.invalidArgument) { try TTLStore.defaultPath(tool: wrong) }
            #expect(error?.operation == "defaultPath")
        }
        for name in ["tool", "my tool", "a.b", "ä"] {
            #expect(try TTLStore.defaultPath(tool: name).hasSuffix("/\(name)/store.db"))
        }
    }
}
