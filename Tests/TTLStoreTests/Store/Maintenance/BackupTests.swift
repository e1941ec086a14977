import Foundation
import TTLTestSupport
import Testing

@testable import TTLStore

@Suite("A backup") struct BackupTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// The rows of all tables, with ids, expiries, revisions, tags and leases, and what identifies the file.
    private func dump(_ path: String) throws -> String {
        try shell(
            path,
            """
            PRAGMA application_id; PRAGMA user_version; PRAGMA auto_vacuum; PRAGMA page_size; PRAGMA journal_mode;
            .dump
            """)
    }

    @Test("a backup is the same store, row for row, and opens on its own", arguments: Setting.Form.allCases)
    func complete(form: Setting.Form) async throws {
        let store = try Setting(form: form, place: .file).open()
        for number in 0..<500 {
            try await store.set("key:\(number)", "value", expiring: number % 2 == 0 ? .never : .after(.seconds(60)))
        }
        try await store.set("gone", "value", expiring: .after(.seconds(1)))
        let path = try store.path
        try shell(
            path,
            """
            UPDATE live SET tag = 'red' WHERE key = 'key:1';
            INSERT INTO leases (kind, name, owner, expires_at) VALUES ('lease', 'job', 'somebody', 1900000000000);
            """)
        store.clock.advance(by: .seconds(1))
        let contents = try store.contents()
        #expect(contents.expired.map(\.key) == ["gone"])
        let calls = Counter()
        let report: @Sendable (TTLStore.Progress) -> Void = { progress in
            calls.add()
            #expect(progress.completed <= progress.total ?? 0)
        }
        try await MaintenanceOperation(kind: .backup, form: form).run(
            store.store, destination: folder("copy.db"), progress: report)
        #expect(calls.value > 0)
        #expect(try FolderContents.names(folder) == ["copy.db"])
        let mode = try FileManager.default.attributesOfItem(atPath: folder("copy.db"))[.posixPermissions] as? NSNumber
        #expect(mode?.intValue == 0o600)
        #expect(Census.descriptors(below: folder.path) == 0)
        try expectIntact(folder("copy.db"))
        #expect(try dump(folder("copy.db")) == dump(path))
        let copy = try await TTLStore(path: folder("copy.db"), configuration: store.store.configuration)
        #expect(try await copy.entries().elements == contents.live)
        #expect(try copy.expiredEntries().elements == contents.expired)
        #expect(try await copy.set("key:1", "other") == .stored)
        #expect(try await store.get("key:1") == "value")
        await copy.close()
        await store.close()
    }

    @Test("a backup reports its progress, page by page, up to the last")
    func progress() throws {
        let large = try LargeStore()
        var seen: [TTLStore.Progress] = []
        try large.store.backup(to: folder("copy.db")) { seen.append($0) }
        let total = try #require(seen.last?.total)
        #expect(total > 512)
        #expect(seen.map(\.completed) == Array(stride(from: 256, to: total, by: 256)) + [total])
        #expect(seen.allSatisfy { $0.total == total })
    }

    @Test("a backup of a store in memory is a file")
    func memory() throws {
        let store = try Setting.inMemory.open().store
        for number in 0..<2000 { try store.set("key:\(number)", "value", expiring: .after(.seconds(60))) }
        try store.backup(to: folder("copy.db"))
        #expect(try FolderContents.names(folder) == ["copy.db"])
        try expectIntact(folder("copy.db"))
        let copy = try TTLStore(path: folder("copy.db"), configuration: store.configuration)
        #expect(try copy.entries(limit: 5000).elements == store.entries(limit: 5000).elements)
        #expect(try copy.check().findings.filter { $0.severity != .note } == [])
        copy.close()
        store.close()
    }

    @Test("a store that was opened for reading only can be backed up")
    func readOnly() throws {
        let large = try LargeStore(kept: 100)
        large.store.close()
        var configuration = TTLStore.Configuration()
        configuration.access = .readOnly
        let store = try TTLStore(path: large.folder("store.db"), configuration: configuration)
        try store.backup(to: folder("copy.db"))
        store.close()
        #expect(try dump(folder("copy.db")) == dump(large.folder("store.db")))
    }

    @Test("a backup takes a path relative to the current folder, or through a symbolic link to a folder")
    func paths() throws {
        let large = try LargeStore(kept: 10)
        try FileManager.default.createDirectory(atPath: folder("real"), withIntermediateDirectories: false)
        symlink(folder("real"), folder("link"))
        try large.store.backup(to: folder("link/copy.db"))
        try large.store.backup(to: folder("link/../dots.db"))
        let long = String(repeating: "x", count: 240)
        try large.store.backup(to: folder(long))
        #expect(try FolderContents.names(folder) == ["dots.db", "link", "real", "real/copy.db", long].sorted())
        let name = "ttl-test-relative-" + UUID().uuidString
        defer { unlink(name) }
        try large.store.backup(to: name)
        try expectIntact(FileManager.default.currentDirectoryPath + "/" + name)
    }

    @Test("a backup gets its name also without hard links, and never takes another file's")
    func withoutLinks() throws {
        let refuse: (String, String) -> Int32 = { _, _ in
            errno = EPERM
            return -1
        }
        try RefusedFile.make(folder("new"), "new".utf8)
        try RefusedFile.make(folder("taken"), "taken".utf8)
        #expect(FileSystem.give(folder("taken"), to: folder("new"), link: refuse) == EEXIST)
        #expect(FileSystem.give(folder("taken"), to: folder("new")) == EEXIST)
        #expect(try FolderContents.names(folder) == ["new", "taken"])
        #expect(FileSystem.give(folder("name"), to: folder("new"), link: refuse) == nil)
        #expect(FileSystem.give(folder("other"), to: folder("missing"), link: refuse) == ENOENT)
        #expect(try FolderContents.names(folder) == ["name", "taken"])
        #expect(try String(contentsOfFile: folder("name"), encoding: .utf8) == "new")
        #expect(try String(contentsOfFile: folder("taken"), encoding: .utf8) == "taken")
    }

    @Test("a backup on a full disk throws diskFull and leaves nothing behind", .enabled(if: SmallDisk.isPermitted))
    func fullDisk() throws {
        let disk = try SmallDisk()
        let large = try LargeStore()
        let error = expectFailure(.diskFull) { try large.store.backup(to: disk.path + "/copy.db") }
        #expect(error?.operation == "backup")
        #expect(try FileManager.default.contentsOfDirectory(atPath: disk.path) == [])
        #expect(Census.descriptors(below: disk.path) == 0)
        // Not one free page.
        try RefusedFile.make(disk.path + "/filler", [])
        try? Data(count: 3 << 20).write(to: URL(fileURLWithPath: disk.path + "/filler"), options: [])
        expectFailure(.diskFull) { try large.store.backup(to: disk.path + "/copy.db") }
        #expect(try FileManager.default.contentsOfDirectory(atPath: disk.path) == ["filler"])
        #expect(try large.store.set("key", "value") == .stored)
        try large.store.backup(to: folder("copy.db"))
    }
}

/// A destination that a backup refuses.
struct RefusedDestination: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let code: TTLStoreError.Code
    /// Prepares the folder, in which `store.db` is an open store, and names the destination.
    let make: @Sendable (TemporaryFolder) throws -> String

    init(
        _ description: String, _ code: TTLStoreError.Code, make: @escaping @Sendable (TemporaryFolder) throws -> String
    ) {
        testDescription = description
        self.code = code
        self.make = make
    }

    static let all: [RefusedDestination] = [
        RefusedDestination("a file", .fileExists) {
            try RefusedFile.make($0("copy.db"), "text".utf8)
            return $0("copy.db")
        },
        RefusedDestination("an empty file", .fileExists) {
            try RefusedFile.make($0("copy.db"), [])
            return $0("copy.db")
        },
        RefusedDestination("a folder", .fileExists) {
            try FileManager.default.createDirectory(atPath: $0("copy.db"), withIntermediateDirectories: false)
            return $0("copy.db")
        },
        RefusedDestination("the folder itself", .fileExists) { $0(".") },
        RefusedDestination("a symbolic link that leads nowhere", .fileExists) {
            symlink($0("nowhere"), $0("copy.db"))
            return $0("copy.db")
        },
        RefusedDestination("a symbolic link to the store", .fileExists) {
            symlink($0("store.db"), $0("copy.db"))
            return $0("copy.db")
        },
        RefusedDestination("a hard link to the store", .fileExists) {
            link($0("store.db"), $0("copy.db"))
            return $0("copy.db")
        },
        RefusedDestination("the store itself", .fileExists) { $0("store.db") },
        RefusedDestination("the store's log", .invalidArgument) { $0("store.db-wal") },
        RefusedDestination("the store's shared memory", .invalidArgument) { $0("./store.db-shm") },
        RefusedDestination("the name of the store's journal", .invalidArgument) { $0("store.db-journal") },
        RefusedDestination("a place beside which another database left its log", .fileExists) {
            try RefusedFile.make($0("copy.db-wal"), "text".utf8)
            return $0("copy.db")
        },
        RefusedDestination("a place beside which another database left its journal", .fileExists) {
            try RefusedFile.make($0("copy.db-journal"), "text".utf8)
            return $0("copy.db")
        },
        RefusedDestination("a missing folder", .cannotOpen) { $0("missing/copy.db") },
        RefusedDestination("a file for a folder", .cannotOpen) {
            try RefusedFile.make($0("file"), "text".utf8)
            return $0("file/copy.db")
        },
        RefusedDestination("a path that ends with a slash", .cannotOpen) { $0("copy/") },
        RefusedDestination("an empty path", .cannotOpen) { _ in "" },
        RefusedDestination("a path with a NUL", .cannotOpen) { $0("copy\0.db") },
        RefusedDestination("a name that is too long", .cannotOpen) { $0(String(repeating: "x", count: 252)) },
    ]
}

@Suite("A destination that a backup refuses") struct RefusedDestinationTests {
    @Test(
        "a file that appears at the destination during the backup is left as it is, and nothing else is left",
        arguments: Setting.Form.allCases)
    func madeMeanwhile(form: Setting.Form) async throws {
        let large = try LargeStore()
        let (calls, path) = (Counter(), large.folder("copy.db"))
        let before = try large.traces
        let operation = MaintenanceOperation(kind: .backup, form: form)
        await expectFailure(.fileExists) {
            try await operation.run(large.store, destination: path) { _ in
                if calls.value == 0 { try RefusedFile.make(path, "text".utf8) }
                calls.add()
            }
        }
        #expect(calls.value > 1)
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "text")
        unlink(path)
        #expect(try large.traces == before)
        try await operation.run(large.store, destination: path)
        try expectIntact(path)
    }

    @Test(
        "a refused destination of a backup is left as it is, and the store goes on", arguments: RefusedDestination.all,
        Setting.Form.allCases)
    func refused(destination: RefusedDestination, form: Setting.Form) async throws {
        let large = try LargeStore(kept: 10)
        let path = try destination.make(large.folder)
        let before = try large.traces
        let operation = MaintenanceOperation(kind: .backup, form: form)
        let error = await expectFailure(destination.code) { try await operation.run(large.store, destination: path) }
        #expect(error?.operation == "backup")
        #expect(try large.traces == before)
        #expect(try await large.store.set("key", "value") == .stored)
        await large.store.close()
        try expectIntact(large.folder("store.db"))
        for name in ["copy.db", "copy.db-wal", "copy.db-journal", "file"] {
            guard let text = try? String(contentsOfFile: large.folder(name), encoding: .utf8) else { continue }
            #expect(text == "text" || text == "")
        }
    }
}
