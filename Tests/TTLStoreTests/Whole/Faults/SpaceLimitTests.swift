import Foundation
import TTLTestSupport
import Testing

@testable import TTLStore

@Suite("A file-size limit or a quota is a full disk", .enabled(if: Census.isAvailable)) struct SpaceLimitTests {
    @Test("writes at a file-size limit throw diskFull until the thread has copied the log, then they go on")
    func fileSize() throws {
        let folder = try TemporaryFolder()
        let outcome = try ChildProcess.run("TTLTestProcess", ["limit-file-size", folder("store.db"), "1000000", "50"])
        #expect(
            outcome.text == """
                50 value
                diskFull: the file or its log has reached the file-size limit

                """, "\(outcome.errors)")
        let store = try TTLStore(path: folder("store.db"))
        #expect(try store.count() == 2)
        store.close()
        try expectIntact(folder("store.db"))
    }

    @Test(
        "a commit for which there was no room is not kept, and the error says so", arguments: [EDQUOT, EFBIG, ENOSPC])
    func refused(number: Int32) throws {
        let folder = try TemporaryFolder()
        let child = try ChildProcess("TTLTestProcess", ["faults", folder("store.db")])
        #expect(child.readLine() == "ready")
        #expect(child.ask("set kept 0") == "stored")
        #expect(child.ask("fail \(number)") == "failing \(number)")
        #expect(child.ask("set lost 0") == "diskFull")
        child.kill(SIGKILL)
        child.wait()
        let store = try TTLStore(path: folder("store.db"))
        #expect(try store.get("kept") == "value")
        #expect(try store.get("lost") as String? == nil)
        store.close()
        try expectIntact(folder("store.db"))
    }

    @Test("a write that failed for another reason may have taken place", arguments: [EIO, EROFS])
    func unknown(number: Int32) throws {
        let folder = try TemporaryFolder()
        let child = try ChildProcess("TTLTestProcess", ["faults", folder("store.db")])
        #expect(child.readLine() == "ready")
        #expect(child.ask("fail \(number)") == "failing \(number)")
        #expect(child.ask("set k 0") == (number == EIO ? "ioError" : "readOnlyFile") + " outcome unknown")
        // A failure that is over is not the reason of the next one.
        #expect(child.ask("fail \(EFBIG)") == "failing \(EFBIG)")
        #expect(child.ask("set k 0") == "diskFull")
        #expect(child.ask("fail \(EIO)") == "failing \(EIO)")
        #expect(child.ask("set k 0") == "ioError outcome unknown")
        #expect(child.ask("fail 0") == "failing 0")
        #expect(child.ask("set k 0") == "stored")
    }
}
