import Foundation
import TTLTestSupport
import Testing

@testable import TTLStore

@Suite("Standard descriptors that are closed")
struct StandardDescriptorTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test("closing standard input while a store is open, and opening another one, drops no locks and loses nothing")
    func closedWhileOpen() throws {
        let path = folder("store.db")
        let child = try ChildProcess("TTLTestProcess", ["close-input", path, folder("sign")])
        #expect(child.readLine() == "ready")
        let store = try TTLStore(path: path)
        try store.set("other", "value")
        store.close()
        // The other process still has the file open; without its locks this one would have been the last to close.
        #expect(FileManager.default.fileExists(atPath: path + "-wal"))
        #expect(FileManager.default.createFile(atPath: folder("sign"), contents: nil))
        #expect(child.readLine() == "stored")
        #expect(child.wait() == 0)
        let again = try TTLStore(path: path)
        defer { again.close() }
        #expect(try again.get("after") == "value")
    }

    @Test(
        "a process without standard descriptors gets no file of a store in their place, and fills them once",
        .enabled(if: FileManager.default.fileExists(atPath: "/proc/self/fd")))
    func closedFromTheStart() throws {
        let process = ChildProcess.builtPath("TTLTestProcess")
        for redirection in ["<&-", "<&- 2>&-", "2>&-"] {
            let outcome = try ChildProcess.run(
                "/bin/sh", ["-c", "exec \(process) descriptors \(folder("store.db")) \(redirection)"])
            let lines = outcome.text.split(separator: "\n")
            #expect(lines.count == 2 && lines.first == lines.last)
            #expect(lines.first?.contains(folder.path) == false)
        }
    }
}
