import Foundation
import TTLTestSupport
import Testing

@testable import TTLStore

@Suite("A file that goes away while it is open") struct ReplacedFileTests {
    enum Change: CaseIterable {
        case removed, renamed, replaced

        func make(_ folder: TemporaryFolder) throws {
            let files = FileManager.default
            switch self {
            case .removed:
                for name in try files.contentsOfDirectory(atPath: folder.path) {
                    try files.removeItem(atPath: folder(name))
                }
            case .renamed: try files.moveItem(atPath: folder("store.db"), toPath: folder("other.db"))
            case .replaced:
                try RefusedFile.make(folder("new"), "another file".utf8)
                #expect(rename(folder("new"), folder("store.db")) == 0)
            }
        }
    }

    @Test(
        "no write to a replaced file is acknowledged, and the new file at the path stays as it is",
        arguments: [Setting.Form.synchronous, .suspending], Change.allCases)
    func writes(form: Setting.Form, change: Change) async throws {
        let store = try Setting(form: form, place: .file).open()
        let folder = try #require(store.folder)
        try await store.set("k", "v", expiring: .after(.seconds(50)))
        try await store.set("due", "v", expiring: .after(.seconds(1)))
        store.clock.advance(by: .seconds(1))
        try change.make(folder)
        let names = try FolderContents.names(folder)
        // A value is computed all the same, and not stored.
        for operation in Operation.allCases where operation.writes && !operation.computes {
            let error = await expectFailure(.fileReplaced, "\(operation)") { try await operation.run(store, "k") }
            #expect(error?.isOutcomeUnknown == false)
        }
        await store.close()
        if change == .replaced {
            #expect(try String(contentsOfFile: folder("store.db"), encoding: .utf8) == "another file")
        }
        #expect(Set(try FolderContents.names(folder)).isSubset(of: names))
        #expect(Census.descriptors(below: folder.path) == 0)
    }

    @Test("a file whose name comes back is written again")
    func comesBack() async throws {
        let store = try Setting.inFile.open()
        let folder = try #require(store.folder)
        try await store.set("k", "v")
        try FileManager.default.moveItem(atPath: folder("store.db"), toPath: folder("other.db"))
        await expectFailure(.fileReplaced) { try await store.set("k", "new") }
        try FileManager.default.moveItem(atPath: folder("other.db"), toPath: folder("store.db"))
        #expect(try await store.set("k", "new") == .stored)
        #expect(try await store.reopened().get("k") == "new")
    }

    @Test(
        "closing a store whose file was removed leaves the log of a new store at the same path alone",
        arguments: [true, false])
    func closeBesideNewStore(isAutomatic: Bool) throws {
        let folder = try TemporaryFolder()
        var configuration = TTLStore.Configuration()
        configuration.purging = isAutomatic ? .automatic : .manual
        let old = try TTLStore(path: folder("store.db"), configuration: configuration)
        try old.set("k", "old")
        try Change.removed.make(folder)
        let new = try TTLStore(path: folder("store.db"), configuration: configuration)
        try new.set("k", "new")
        old.close()
        #expect(try FolderContents.names(folder) == ["store.db", "store.db-shm", "store.db-wal"])
        // Another process sees the acknowledged writes of the new store.
        #expect(try shell(folder("store.db"), "SELECT value FROM live;") == "new")
        try new.set("k", "newer")
        #expect(try shell(folder("store.db"), "SELECT value FROM live;") == "newer")
        new.close()
        #expect(try shell(folder("store.db"), "PRAGMA integrity_check; SELECT value FROM live;") == "ok\nnewer")
    }

    @Test("a path that names something else or nothing was replaced; one that can't be looked at was not")
    func verdict() {
        let opened = FileIdentity(device: 1, inode: 2)
        #expect(!FileSystem.Kind.file(opened, size: 3).isReplacement(of: opened))
        #expect(!FileSystem.Kind.file(opened, size: 0).isReplacement(of: opened))
        #expect(FileSystem.Kind.file(FileIdentity(device: 1, inode: 3), size: 3).isReplacement(of: opened))
        #expect(FileSystem.Kind.file(FileIdentity(device: 2, inode: 2), size: 3).isReplacement(of: opened))
        #expect(FileSystem.Kind.missing.isReplacement(of: opened))
        #expect(FileSystem.Kind.folder.isReplacement(of: opened))
        #expect(FileSystem.Kind.other.isReplacement(of: opened))
        for errno in Int32(0)...4095 {
            let isAbsent = errno == ENOENT || errno == ENOTDIR
            #expect(FileSystem.Kind.unreachable(errno: errno).isReplacement(of: opened) == isAbsent, "\(errno)")
        }
    }

    @Test("a folder on the way that became a file means that the store's file is gone")
    func folderReplaced() throws {
        let folder = try TemporaryFolder()
        let store = try TTLStore(path: folder("a/store.db"))
        try store.set("k", "v")
        #expect(rename(folder("a"), folder("b")) == 0)
        try RefusedFile.make(folder("a"), "a file".utf8)
        expectFailure(.fileReplaced) { () throws in try store.set("k", "new") }
        store.close()
    }
}
