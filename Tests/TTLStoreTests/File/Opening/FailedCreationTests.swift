import Foundation
import TTLTestSupport
import Testing

@testable import TTLStore

@Suite("A store that can't be made") struct FailedCreationTests {
    @Test("a name that SQLite can't take is refused before anything is made, and the longest that it can take works")
    func lengths() throws {
        let folder = try TemporaryFolder()
        expectFailure(.cannotOpen) { try TTLStore(path: folder("new/" + String(repeating: "x", count: 248))) }
        let room = 504 - (try FileSystem.resolved(folder.path)).utf8.count - 1
        for (count, isTaken) in [(room + 1, false), (room, true)] {
            // Folders with names of 100 bytes, then what is left.
            var path = String(repeating: String(repeating: "y", count: 99) + "/", count: count / 100)
            path += String(repeating: "z", count: count - path.utf8.count)
            if isTaken {
                let store = try TTLStore(path: folder(path))
                #expect(try store.set("k", "v") == .stored)
                #expect(try store.get("k") == "v")
                store.close()
            } else {
                let error = expectFailure(.cannotOpen) { try TTLStore(path: folder(path)) }
                #expect(error?.message.contains("504 bytes") == true)
                #expect(try FolderContents.names(folder).isEmpty)
            }
        }
    }

    @Test("a file that exists under a name that SQLite can't take is refused as well")
    func existing() throws {
        let folder = try TemporaryFolder()
        let name = String(repeating: "x", count: 250)
        try RefusedFile.make(folder(name), [])
        let error = expectFailure(.cannotOpen) { try TTLStore(path: folder(name)) }
        #expect(error?.message.contains("247 bytes") == true)
        #expect(try FolderContents.names(folder) == [name])
    }

    @Test("a path that ends with a slash names a folder, and none is made")
    func slash() throws {
        let folder = try TemporaryFolder()
        for path in ["store.db/", "new/store.db//", "/"] {
            let error = expectFailure(.cannotOpen) { try TTLStore(path: folder(path)) }
            #expect(error?.message.contains("slash") == true)
        }
        #expect(try FolderContents.names(folder).isEmpty)
    }

    private static let noSharedMemory =
        "cannotOpen: the file system can't share memory between processes; is it a network volume?"

    @Test(
        "each failed system call has a message of its own, and neither file nor folder is left behind",
        arguments: [
            ("open", EMFILE, "cannotOpen: too many files are open"),
            ("open", ENFILE, "cannotOpen: too many files are open"),
            ("lock", ENOLCK, "cannotOpen: the file system refuses locks; is it a network volume?"),
            ("lock", EPERM, "cannotOpen: the file system refuses locks; is it a network volume?"),
            ("map", ENODEV, FailedCreationTests.noSharedMemory),
            ("map", EINVAL, FailedCreationTests.noSharedMemory),
            ("map", ENOMEM, "outOfMemory: memory ran out"),
            ("write", ENOSPC, "diskFull: the disk is full"),
            ("write", EDQUOT, "diskFull: the disk quota is used up"),
            ("write", EFBIG, "diskFull: the file or its log has reached the file-size limit"),
        ])
    func sentences(call: String, number: Int32, sentence: String) throws {
        let folder = try TemporaryFolder()
        for name in ["store.db", "a/b/store.db"] {
            for first in 1...4 {
                let outcome = try ChildProcess.run(
                    "TTLTestProcess", ["open-while-failing", folder(name), call, "\(number)", "\(first)"])
                let isOpened = outcome.text == "opened\n"
                #expect(isOpened && first > 1 || outcome.text == sentence + "\n", "\(outcome.text) \(outcome.errors)")
                // A file written before the failure may hold a schema, and is kept.
                if first == 1 { #expect(try FolderContents.names(folder).isEmpty) }
                try FileManager.default.removeItem(atPath: folder.path)
                try FileManager.default.createDirectory(atPath: folder.path, withIntermediateDirectories: false)
            }
        }
    }

    @Test("a failed creation leaves existing files and folders, also another's file in a folder that it made")
    func kept() throws {
        let folder = try TemporaryFolder()
        try FileManager.default.createDirectory(atPath: folder("a"), withIntermediateDirectories: false)
        try RefusedFile.make(folder("a/empty.db"), [])
        for name in ["a/empty.db", "a/b/store.db"] {
            let outcome = try ChildProcess.run(
                "TTLTestProcess", ["open-while-failing", folder(name), "open", "\(EMFILE)", "1"])
            #expect(outcome.text == "cannotOpen: too many files are open\n")
        }
        #expect(try FolderContents.names(folder) == ["a", "a/empty.db"])
        var creation = FileCreation()
        try creation.make(folder("c/d/store.db"))
        try RefusedFile.make(folder("c/other"), "text".utf8)
        creation.undo()
        #expect(try FolderContents.names(folder) == ["a", "a/empty.db", "c", "c/other"])
    }

    @Test("a failed creation never removes a file to which another process has written")
    func used() throws {
        let folder = try TemporaryFolder()
        for name in ["store.db", "in-log.db"] {
            var creation = FileCreation()
            try creation.make(folder(name))
            let other = try TTLStore(path: folder(name))
            try other.set("k", "v")
            if name == "in-log.db" { creation.undo() }
            other.close()
            creation.undo()
            let store = try TTLStore(path: folder(name))
            #expect(try store.get("k") == "v")
            store.close()
        }
        #expect(try FolderContents.names(folder) == ["in-log.db", "store.db"])
    }

    @Test("undoing a creation keeps the entries that others store at that moment", .hangLimit)
    func raced() throws {
        let folder = try TemporaryFolder()
        let rounds = 150
        let start = Int((Date.now.timeIntervalSince1970 + 0.3) * 1000)
        let children = try (1...4).map {
            try otherProcess(
                "create-together", folder.path, "process:\($0)", "\(rounds)", "\(start)", $0 <= 2 ? "\($0)" : "-")
        }
        let lines = children.map { String(decoding: $0.readAll(), as: UTF8.self).split(separator: "\n") }.joined()
        for child in children { #expect(child.wait() == 0, "\(child.readErrors())") }
        var stored: [String: Set<String>] = [:]
        var failures: [String: Int] = [:]
        for line in lines {
            let (round, what) = (String(line.prefix { $0 != " " }), String(line.drop { $0 != " " }.dropFirst()))
            if what.hasPrefix("!") { failures[what, default: 0] += 1 } else { stored[round, default: []].insert(what) }
        }
        // An opener that comes at the very moment of an undoing may get an error, and has stored nothing.
        #expect(stored.count > rounds / 2 && failures.values.reduce(0, +) > rounds / 4, "\(failures)")
        for (round, keys) in stored {
            try expectIntact(folder("\(round).db"))
            let store = try TTLStore(path: folder("\(round).db"))
            #expect(Set(try store.keys().elements) == keys, "round \(round)")
            store.close()
        }
        // An opener that comes too late may leave an empty log, which SQLite removes beside the next new file.
        #expect(try FolderContents.names(folder).filter { $0.hasPrefix(".ttl-") } == [])
    }

    @Test("an error about another process's lock does not mention network volumes")
    func locked() throws {
        let folder = try TemporaryFolder()
        try TTLStore(path: folder("store.db")).close()
        try shell(folder("store.db"), "PRAGMA journal_mode = DELETE;")
        let holder = try ChildProcess("/usr/bin/env", ["sqlite3", "-batch", folder("store.db")])
        holder.send("BEGIN EXCLUSIVE; SELECT 'held';\n")
        #expect(holder.readLine() == "held")
        var configuration = TTLStore.Configuration()
        configuration.busyTimeout = .milliseconds(20)
        expectFailure(.busy) { try TTLStore(path: folder("store.db"), configuration: configuration) }
        #expect(try FolderContents.names(folder).allSatisfy { $0.hasPrefix("store.db") })
    }
}
