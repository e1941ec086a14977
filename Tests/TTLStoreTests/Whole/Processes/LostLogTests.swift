import Foundation
import TTLTestSupport
import Testing

@testable import TTLStore

@Suite("A log that is deleted while a store has it open", .hangLimit) struct LostLogTests {
    /// The files that a cleaner deletes.
    enum Loss: CaseIterable {
        case index, log, both

        func happen(to path: String) {
            if self != .log { #expect(unlink(path + "-shm") == 0) }
            if self != .index { #expect(unlink(path + "-wal") == 0) }
        }
    }

    /// How old the store is: the schema of a young one is still in the log.
    enum Age: CaseIterable {
        case young, old
    }

    private let folder: TemporaryFolder
    private let path: String

    init() throws {
        folder = try TemporaryFolder()
        path = folder("store.db")
    }

    private static let key = "in the file"

    /// A process that has the store open, with three entries in the log.
    private func holder(_ age: Age) throws -> ChildProcess {
        if age == .old {
            let store = try TTLStore(path: path)
            try store.set(LostLogTests.key, "value")
            store.close()
        }
        let holder = try otherProcess("serve", path)
        #expect(holder.readLine() == "open")
        for number in 1...3 { #expect(holder.ask("log:\(number)") == "stored") }
        return holder
    }

    private func close(_ holder: ChildProcess) {
        holder.closeInput()
        #expect(holder.readLine() == "closed")
        #expect(holder.wait() == 0)
    }

    private func put(_ key: String, _ access: String = "existing") throws -> String? {
        try otherProcess("put", path, key, access).readLine()
    }

    /// The keys in the file at the end, which must be intact and writable.
    private func keysLeft() throws -> [String] {
        try expectIntact(path)
        let store = try TTLStore(path: path)
        defer { store.close() }
        let keys = try store.keys().elements
        #expect(try store.set("later", "value") == .stored)
        return keys
    }

    @Test(
        "after a log is deleted no process writes to another log, and no acknowledged write is lost",
        arguments: Array(repeating: Age.allCases, count: 10).joined(), Loss.allCases)
    func ownProcesses(age: Age, loss: Loss) throws {
        let holder = try holder(age)
        loss.happen(to: path)
        #expect(try put("other") == "logElsewhere")
        #expect(holder.ask("log:4") == "fileReplaced")
        close(holder)
        let kept = (age == .old ? [LostLogTests.key] : []) + ["log:1", "log:2", "log:3"]
        #expect(try keysLeft() == kept)
    }

    @Test(
        "writes of another program beside a deleted log are kept, and so are later ones of a store",
        arguments: Array(repeating: [Loss.index, .both], count: 30).joined())
    func foreignProgram(loss: Loss) throws {
        let holder = try holder(.old)
        loss.happen(to: path)
        try shell(path, "INSERT INTO live (key, value) VALUES ('shell', 'value');")
        #expect(try put("other") == "stored")
        #expect(holder.ask("log:4") == "fileReplaced")
        close(holder)
        let keys = try keysLeft()
        let kept = [LostLogTests.key] + (loss == .index ? ["log:1", "log:2", "log:3"] : []) + ["other", "shell"]
        // Where both are lost, the writes of the log are kept only if the holder had copied them already.
        #expect(keys.filter { loss == .index || !$0.hasPrefix("log:") } == kept, "\(keys)")
    }

    @Test("another program at a young store without its log gets an error, and the file stays usable")
    func youngStore() throws {
        let holder = try holder(.young)
        Loss.both.happen(to: path)
        let answer = try ChildProcess.sqlite3(path, "INSERT INTO live (key, value) VALUES ('shell', 'value');")
        #expect(answer.status != 0)
        #expect(holder.ask("log:4") == "fileReplaced")
        close(holder)
        #expect(try keysLeft() == ["log:1", "log:2", "log:3"])
    }

    @Test(
        "another program that only reads a file without its log loses nothing", arguments: Age.allCases, Loss.allCases)
    func foreignReader(age: Age, loss: Loss) throws {
        let holder = try holder(age)
        loss.happen(to: path)
        _ = try ChildProcess.sqlite3(path, "SELECT count(*) FROM sqlite_schema;")
        #expect(holder.ask("log:4") == "fileReplaced")
        close(holder)
        #expect(try keysLeft() == (age == .old ? [LostLogTests.key] : []) + ["log:1", "log:2", "log:3"])
    }

    @Test("a store does not write if a program has made a new log under the old index")
    func mixedLog() throws {
        let holder = try holder(.old)
        Loss.log.happen(to: path)
        // The shell fails, or reads wrong data, and leaves a log behind.
        _ = try ChildProcess.sqlite3(path, "INSERT INTO live (key, value) VALUES ('shell', 'value');")
        #expect(access(path + "-wal", F_OK) == 0)
        #expect(try put("other") != "stored")
        #expect(holder.ask("log:4") == "fileReplaced")
        close(holder)
        #expect(try keysLeft().first == LostLogTests.key)
    }

    @Test("of processes that close a deleted log at the same time, one copies it", arguments: 1...20)
    func closingTogether(round: Int) throws {
        let holders = [try holder(.young), try otherProcess("serve", path), try otherProcess("serve", path)]
        for holder in holders.dropFirst() { #expect(holder.readLine() == "open") }
        Loss.both.happen(to: path)
        for holder in holders { holder.closeInput() }
        for holder in holders { #expect(holder.wait() == 0) }
        #expect(try keysLeft() == ["log:1", "log:2", "log:3"])
    }

    @Test("closing processes keep the writes of a deleted log and of programs that come later", arguments: 1...20)
    func othersWhileClosing(round: Int) throws {
        let holders = [try holder(.old), try otherProcess("serve", path), try otherProcess("serve", path)]
        for holder in holders.dropFirst() { #expect(holder.readLine() == "open") }
        Loss.both.happen(to: path)
        let others = try (0..<2).map { try otherProcess("reopen-anyway", path, "other:\($0)", "1") }
        // By then the processes probe again and again whether the file is open.
        usleep(.random(in: 20_000...80_000))
        for holder in holders { holder.closeInput() }
        for holder in holders { #expect(holder.wait() == 0) }
        var stored = Set([LostLogTests.key, "log:1", "log:2", "log:3"])
        for other in others {
            for _ in 0..<50 {
                guard let line = other.readLine() else { break }
                if !line.hasPrefix("!") { stored.insert(line) }
            }
            other.kill(SIGKILL)
            other.wait()
        }
        #expect(stored.count > 4)
        #expect(stored.subtracting(try keysLeft()).isEmpty)
    }

    @Test(
        "a file that is deleted in the moment in which another process opens it is taken for no other",
        arguments: ["-shm", "-wal", "-wal-shm"],
        [("create", Age.old), ("create", .young), ("existing", .old), ("read-only", .old)])
    func whileOpening(lost: String, opener: (access: String, age: Age)) throws {
        let holder = try holder(opener.age)
        let answer = try otherProcess("put-too-late", path, "other", opener.access, String(lost.prefix(4)), lost)
        #expect(answer.readLine() == "logElsewhere")
        // Nothing that a third process could take for the log.
        #expect(try put("third") == "logElsewhere")
        #expect(holder.ask("log:4") == "fileReplaced")
        close(holder)
        #expect(try keysLeft() == (opener.age == .old ? [LostLogTests.key] : []) + ["log:1", "log:2", "log:3"])
    }

    @Test("an opener that is the last to have a nameless log keeps its entries", arguments: ["create", "existing"])
    func lastIsOpener(access: String) throws {
        let holder = try holder(.old)
        holder.kill(SIGKILL)
        holder.wait()
        // SQLite has opened the log by then.
        #expect(try otherProcess("put-too-late", path, "other", access, "-shm", "-wal").readLine() == "stored")
        #expect(try keysLeft() == [LostLogTests.key, "log:1", "log:2", "log:3", "other"])
    }

    @Test("an opener that was stopped while it opens the file keeps others from it for a moment only")
    func stoppedOpener() throws {
        let store = try TTLStore(path: path)
        // The lock that an opener has for a moment.
        let other = try store.engine.file.open(.readWrite)
        #expect(try other.lockFile(.shared) && other.lockFile(.reserved))
        #expect(try put("other") == "stored")
        other.close()
        store.close()
    }

    @Test("a process that only reads makes no new log either", arguments: Loss.allCases)
    func reader(loss: Loss) throws {
        let holder = try holder(.old)
        loss.happen(to: path)
        let names = try FolderContents.names(folder)
        #expect(try put("", "read-only") == "logElsewhere")
        #expect(try FolderContents.names(folder) == names)
        close(holder)
        #expect(try put("", "read-only") == "4")
    }

    @Test("a second store of one process is refused as long as the first has the old log", arguments: Loss.allCases)
    func oneProcess(loss: Loss) throws {
        var configuration = TTLStore.Configuration()
        configuration.busyTimeout = .zero
        let first = try TTLStore(path: path)
        try first.set("k", "v")
        loss.happen(to: path)
        let error = expectFailure(.logElsewhere) { try TTLStore(path: path, configuration: configuration) }
        #expect(error?.message.contains("deleted") == true)
        // Now there are new files.
        if loss == .both { _ = try ChildProcess.sqlite3(path, "SELECT count(*) FROM sqlite_schema;") }
        for access in [TTLStore.Configuration.Access.create, .readOnly] where loss == .both {
            configuration.access = access
            expectFailure(.logElsewhere) { try TTLStore(path: path, configuration: configuration) }
        }
        expectFailure(.fileReplaced) { try first.set("k", "other") }
        first.close()
        let second = try TTLStore(path: path)
        #expect(try second.set("k", "new") == .stored)
        second.close()
        #expect(Census.descriptors(below: folder.path) == 0)
    }

    @Test(
        "reads fail once the log is known to be deleted, and go on when the names are back",
        arguments: [".db-shm", ".db-wal"])
    func reads(suffix: String) throws {
        let store = try TTLStore(path: path)
        try store.set("k", "v")
        #expect(try store.get("k") == "v")
        #expect(rename(folder("store" + suffix), folder("away")) == 0)
        expectFailure(.fileReplaced) { try store.set("k", "new") }
        expectFailure(.fileReplaced) { try store.get("k") }
        expectFailure(.fileReplaced) { try store.count() }
        #expect(rename(folder("away"), folder("store" + suffix)) == 0)
        #expect(try store.get("k") == "v")
        #expect(try store.set("k", "new") == .stored)
        store.close()
        #expect(try keysLeft() == ["k"])
    }

    @Test("the thread of a store that doesn't write reports a deleted log")
    func idle() throws {
        let store = try TTLStore(path: path)
        Loss.both.happen(to: path)
        #expect(eventually { store.engine.activity.snapshot.lastError?.code == .fileReplaced })
        store.close()
    }

    @Test("every operation that writes or opens a connection says which file is gone", arguments: Loss.allCases)
    func operations(loss: Loss) throws {
        let clock = ManualClock()
        var configuration = TTLStore.Configuration()
        configuration.clock = clock.wallClock
        configuration.purging = .manual
        let store = try TTLStore(path: path, configuration: configuration)
        try store.set("k", "v")
        try store.set("due", "v", expiring: .after(.seconds(1)))
        clock.advance(by: .seconds(1))
        loss.happen(to: path)
        let missing = loss == .index ? "-shm" : "-wal"
        func expectNamed<Success>(_ body: () throws -> Success) {
            let error = expectFailure(.fileReplaced) { () throws in try body() }
            #expect(error?.message.contains(missing) == true)
        }
        expectNamed { try store.set("k", "new") }
        expectNamed { try store.remove("k") }
        expectNamed { try store.transaction { try $0.set("k", "new") } }
        expectNamed { try store.purgeExpired() }
        expectNamed { try store.vacuum() }
        expectNamed { try store.backup(to: folder("copy.db")) }
        expectNamed { try store.check() }
        // The store's first read opens a connection.
        expectNamed { try store.get("k") }
        expectNamed { try store.engine.writing?.checkpointer?.run(truncating: true) }
        store.close()
        #expect(try FolderContents.names(folder) == ["store.db"] + (loss == .index ? ["store.db-wal"] : []))
        #expect(try keysLeft().contains("k"))
    }
}
