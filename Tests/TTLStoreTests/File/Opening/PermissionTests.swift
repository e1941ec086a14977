import Foundation
import TTLStore
import TTLTestSupport
import Testing

/// In processes of their own, as a user whom permissions concern.
@Suite("Permissions") struct PermissionTests {
    /// A store with one entry in a folder that every user may enter.
    private func makeStore() throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        chmod(folder.path, 0o755)
        var configuration = TTLStore.Configuration()
        configuration.purging = .manual
        let store = try TTLStore(path: folder("store.db"), configuration: configuration)
        try store.set("k", "value")
        store.close()
        return folder
    }

    /// The outcome of opening, one line for each step.
    private func open(
        _ folder: TemporaryFolder, _ access: String, name: String = "store.db", by command: String = "open-unprivileged"
    ) throws -> [Substring] {
        let outcome = try ChildProcess.run("TTLTestProcess", [command, access, folder(name)])
        #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
        return outcome.text.split(separator: "\n")
    }

    /// Makes the folder and the file the other user's own, or leaves them where the tests run as that user.
    private func give(_ folder: TemporaryFolder, folderMode: mode_t, fileMode: mode_t) {
        chmod(folder("store.db"), fileMode)
        if getuid() == 0 {
            chown(folder("store.db"), 65534, 65534)
            chown(folder.path, 65534, 65534)
        }
        chmod(folder.path, folderMode)
    }

    @Test(
        """
        a file that may not be read, one that may not be written, and a folder that may not be written: three errors, \
        and the effective user counts, also where the system does not answer what is permitted
        """,
        arguments: ["open-unprivileged", "open-effectively-unprivileged", "open-unprivileged-unanswered"])
    func threeErrors(command: String) throws {
        let cases: [(folder: mode_t, file: mode_t, code: Substring)] = [
            (0o700, 0o000, "permissionDenied"), (0o700, 0o400, "readOnlyFile"), (0o500, 0o600, "readOnlyFolder"),
            (0o000, 0o600, "permissionDenied"),
        ]
        for (folderMode, fileMode, code) in cases {
            let folder = try makeStore()
            let before = try FolderContents(folder)
            for access in ["create", "existing"] {
                give(folder, folderMode: folderMode, fileMode: fileMode)
                let steps = try open(folder, access, by: command)
                give(folder, folderMode: 0o700, fileMode: 0o600)
                #expect(steps == [code], "folder \(String(folderMode, radix: 8)), file \(String(fileMode, radix: 8))")
                #expect(try FolderContents(folder) == before)
            }
        }
    }

    @Test("creating a file without permission throws permissionDenied")
    func creation() throws {
        let folder = try makeStore()
        give(folder, folderMode: 0o500, fileMode: 0o600)
        defer { give(folder, folderMode: 0o700, fileMode: 0o600) }
        #expect(try open(folder, "create", name: "new.db") == ["permissionDenied"])
        #expect(try open(folder, "create", name: "new/new.db") == ["permissionDenied"])
        #expect(try open(folder, "existing", name: "new.db") == ["cannotOpen"])
    }

    @Test(
        "read-only access reads wherever the file can be read, also in a folder that can't be written",
        arguments: ["open-unprivileged", "open-unprivileged-unanswered"])
    func readOnly(command: String) throws {
        let cases: [(folder: mode_t, file: mode_t)] = [(0o700, 0o600), (0o700, 0o400), (0o500, 0o600), (0o500, 0o400)]
        for (folderMode, fileMode) in cases {
            let folder = try makeStore()
            let before = try FolderContents(folder)
            give(folder, folderMode: folderMode, fileMode: fileMode)
            let steps = try open(folder, "read-only", by: command)
            give(folder, folderMode: 0o700, fileMode: 0o600)
            #expect(steps.prefix(2) == ["value", "readOnlyStore"], "\(String(folderMode, radix: 8))")
            #expect(steps.last == "closed")
            #expect(try FolderContents(folder).withoutTracesOfReading == before.withoutTracesOfReading)
        }
        let folder = try makeStore()
        give(folder, folderMode: 0o700, fileMode: 0o000)
        #expect(try open(folder, "read-only") == ["permissionDenied"])
        give(folder, folderMode: 0o700, fileMode: 0o600)
    }

    #if os(Linux)
    @Test("read-only access reads a file that even root may not write, where the folder may be written")
    func immutableFile() throws {
        let folder = try makeStore()
        // Not every file system knows the attribute, and not every container grants it.
        guard try ChildProcess.run("/usr/bin/env", ["chattr", "+i", folder("store.db")]).status == 0 else { return }
        defer { _ = try? ChildProcess.run("/usr/bin/env", ["chattr", "-i", folder("store.db")]) }
        var configuration = TTLStore.Configuration()
        configuration.access = .readOnly
        let store = try TTLStore(path: folder("store.db"), configuration: configuration)
        #expect(try store.get("k") == "value")
        store.close()
    }
    #endif

    @Test("read-only access in an unwritable folder sees what a writer has only just written")
    func readOnlyBesideWriter() throws {
        let folder = try makeStore()
        var configuration = TTLStore.Configuration()
        configuration.purging = .manual
        let writer = try TTLStore(path: folder("store.db"), configuration: configuration)
        try writer.set("k", "newer")
        for suffix in ["", "-wal", "-shm"] { chmod(folder("store.db" + suffix), 0o644) }
        // If the tests run as the other user, the folder has to be closed for that user.
        if getuid() != 0 { chmod(folder.path, 0o500) }
        #expect(try open(folder, "read-only").first == "newer")
        // Beside an empty log, a reader that treated the file as immutable would miss the next write.
        chmod(folder.path, 0o755)
        try shell(folder("store.db"), "PRAGMA wal_checkpoint(TRUNCATE);")
        if getuid() != 0 { chmod(folder.path, 0o500) }
        let reader = try ChildProcess("TTLTestProcess", ["read-twice-unprivileged", folder("store.db")])
        #expect(reader.readLine() == "newer")
        try writer.set("k", "newest")
        reader.send("\n")
        #expect(reader.readLine() == "newest")
        #expect(reader.wait() == 0)
        chmod(folder.path, 0o700)
        writer.close()
    }

    @Test("read-only access in an unwritable folder can't recover the log of a killed writer, and says so")
    func readOnlyBesideLeftLog() throws {
        let folder = try makeStore()
        try shell(
            folder("store.db"), ".dbconfig no_ckpt_on_close on\nUPDATE live SET value = 'newer' WHERE key = 'k';")
        try FileManager.default.removeItem(atPath: folder("store.db-shm"))
        let before = try FolderContents(folder)
        give(folder, folderMode: 0o500, fileMode: 0o600)
        #expect(try open(folder, "read-only") == ["readOnlyFolder"])
        give(folder, folderMode: 0o700, fileMode: 0o600)
        #expect(try FolderContents(folder) == before)
        let store = try TTLStore(path: folder("store.db"))
        #expect(try store.get("k") == "newer")
        store.close()
    }

    @Test("a file that the process may no longer look at, but has open, is read and written as before")
    func outOfSight() throws {
        let folder = try makeStore()
        let outcome = try ChildProcess.run("TTLTestProcess", ["lose-sight", folder.path, folder("store.db")])
        chmod(folder.path, 0o700)
        #expect(
            outcome.text.split(separator: "\n") == ["before", "stored", "after", "1", "after", "closed"],
            "\(outcome.errors)")
        let store = try TTLStore(path: folder("store.db"))
        #expect(try store.get("k") == "after")
        #expect(try store.get("number", as: Int.self) == 1)
        store.close()
        try expectIntact(folder("store.db"))
    }

    @Test("a store is made and used also if the system does not answer questions about permissions")
    func unanswered() throws {
        let folder = try makeStore()
        give(folder, folderMode: 0o700, fileMode: 0o600)
        for name in ["store.db", "new.db", "new/new.db"] {
            let steps = try open(folder, "create", name: name, by: "open-unprivileged-unanswered")
            #expect(steps.last == "closed" && steps.contains("stored"), "\(steps)")
        }
        give(folder, folderMode: 0o700, fileMode: 0o600)
    }

    @Test(
        "the error names a log or an index that another user's process has left without rights for others",
        .enabled(if: getuid() == 0), arguments: ["-wal", "-shm"])
    func logOfAnother(suffix: String) throws {
        let folder = try makeStore()
        try shell(
            folder("store.db"), ".dbconfig no_ckpt_on_close on\nUPDATE live SET value = 'newer' WHERE key = 'k';")
        give(folder, folderMode: 0o770, fileMode: 0o660)
        for other in ["-wal", "-shm"] { chown(folder("store.db" + other), 65534, 65534) }
        chown(folder("store.db" + suffix), 0, 0)
        chmod(folder("store.db" + suffix), 0o600)
        let before = try FolderContents(folder)
        for access in ["create", "read-only"] {
            let steps = try open(folder, access, by: "open-unprivileged-in-words")
            #expect(steps.count == 1 && steps[0].contains("(\(suffix)) beside the file"), "\(steps)")
        }
        #expect(try FolderContents(folder) == before)
        let store = try TTLStore(path: folder("store.db"))
        #expect(try store.get("k") == "newer")
        store.close()
    }

    @Test(
        """
        a process that gives up its privileges after opening reads and writes on, the log stays within its limit, and \
        closing leaves the file whole
        """,
        .enabled(if: getuid() == 0), arguments: [0, 1])
    func privilegesGivenUp(reads: Int) throws {
        let folder = try TemporaryFolder()
        let child = try ChildProcess("TTLTestProcess", ["give-up-privileges", folder("store.db"), "\(reads)"])
        #expect(child.readLine() == "unprivileged")
        #expect(child.ask("") == "stored value 2 1 absent")
        #expect(child.ask("") == "written 1600 0")
        // 100 MB were written. The limit may be exceeded by a commit.
        let limit = 4 << 20
        #expect(FileSystemSize.of(folder("store.db-wal")) <= limit + limit / 4)
        #expect(child.ask("") == "permissionDenied permissionDenied")
        #expect(child.ask("") == "closed 0")
        #expect(child.wait() == 0)
        let store = try TTLStore(path: folder("store.db"))
        #expect(try store.count() == 1 + 16)
        store.close()
        try expectIntact(folder("store.db"))
    }

    @Test("new files and folders are private to their user, whatever the umask", arguments: ["0", "77", "777"])
    func umask(mask: String) throws {
        let folder = try TemporaryFolder()
        let outcome = try ChildProcess.run("TTLTestProcess", ["open-under-umask", mask, folder("a/b/store.db")])
        #expect(
            outcome.text.split(separator: "\n")
                == ["nothing", "stored", "700 .; 600 store.db; 600 store.db-shm; 600 store.db-wal", "closed"])
        for name in ["a", "a/b"] {
            let mode = try FileManager.default.attributesOfItem(atPath: folder(name))[.posixPermissions] as? NSNumber
            #expect(mode?.intValue == 0o700)
        }
    }

    @Test("opening leaves the permissions of an existing file as they are")
    func existingPermissions() throws {
        let folder = try makeStore()
        chmod(folder("store.db"), 0o640)
        let store = try TTLStore(path: folder("store.db"))
        try store.set("k", "v")
        for suffix in ["", "-wal", "-shm"] {
            let attributes = try FileManager.default.attributesOfItem(atPath: folder("store.db" + suffix))
            #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o640, "\(suffix)")
        }
        store.close()
    }
}

private enum FileSystemSize {
    /// Without opening the file.
    static func of(_ path: String) -> Int {
        var information = stat()
        return stat(path, &information) == 0 ? Int(information.st_size) : 0
    }
}
