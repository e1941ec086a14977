import Foundation
import TTLStore
import TTLTestSupport
import Testing

@Suite("Opening a file") struct OpeningTests {
    private func configuration(_ access: TTLStore.Configuration.Access = .create) -> TTLStore.Configuration {
        var configuration = TTLStore.Configuration()
        configuration.access = access
        configuration.purging = .manual
        return configuration
    }

    @Test("a missing file is created, with the folders above it, and nothing stays beside it after close")
    func creation() async throws {
        let folder = try TemporaryFolder()
        let path = folder("a/b/c/store.db")
        var store = try await TTLStore(path: path)
        try await store.set("k", "v")
        #expect(FileManager.default.fileExists(atPath: path + "-wal"))
        await store.close()
        #expect(try FolderContents.names(folder) == ["a", "a/b", "a/b/c", "a/b/c/store.db"])
        for access in [TTLStore.Configuration.Access.create, .existing, .readOnly] {
            store = try await TTLStore(path: path, configuration: configuration(access))
            #expect(try await store.get("k") == "v")
            await store.close()
        }
    }

    @Test("closing copies and removes the log, with a thread and without", arguments: [true, false])
    func closeCopiesTheLog(isAutomatic: Bool) throws {
        let folder = try TemporaryFolder()
        var configuration = TTLStore.Configuration()
        configuration.purging = isAutomatic ? .automatic : .manual
        for round in 1...5 {
            let store = try TTLStore(path: folder("store.db"), configuration: configuration)
            for number in 0..<100 {
                try store.set("\(number)", TTLStore.Value.bytes(Array(repeating: 7, count: 10_000)))
            }
            #expect(try store.count() == 100)
            store.close()
            #expect(try FolderContents.names(folder) == ["store.db"], "round \(round)")
        }
    }

    @Test("an empty file is a new store")
    func emptyFile() throws {
        let folder = try TemporaryFolder()
        for access in [TTLStore.Configuration.Access.create, .existing] {
            let path = folder("\(access).db")
            try RefusedFile.make(path, [])
            let store = try TTLStore(path: path, configuration: configuration(access))
            try store.set("k", "v")
            store.close()
            #expect(try shell(path, "SELECT value FROM live;") == "v")
        }
    }

    @Test("a store is found again when it was killed before its first transaction left the log")
    func firstTransactionInLog() throws {
        let folder = try TemporaryFolder()
        let store = try TTLStore(path: folder("store.db"), configuration: configuration())
        try store.set("k", "v")
        // A copy of the files that a kill would leave, made by another process: see FileSystem.
        try copy(folder, "store.db", to: "copy.db")
        store.close()
        let reopened = try TTLStore(path: folder("copy.db"), configuration: configuration(.existing))
        #expect(try reopened.get("k") == "v")
        reopened.close()
    }

    private func copy(_ folder: TemporaryFolder, _ name: String, to copy: String, suffixes: [String] = ["", "-wal"])
        throws
    {
        for suffix in suffixes {
            let outcome = try ChildProcess.run("/bin/cp", [folder(name + suffix), folder(copy + suffix)])
            #expect(outcome.status == 0, "\(outcome.errors)")
        }
    }

    @Test("a missing or invalid -shm is made anew", arguments: [nil, 0, 1, 136, 32_768, 100_000])
    func sharedMemory(size: Int?) throws {
        let folder = try TemporaryFolder()
        let store = try TTLStore(path: folder("store.db"), configuration: configuration())
        for number in 0..<100 { try store.set("\(number)", "value") }
        try copy(folder, "store.db", to: "copy.db")
        store.close()
        if let size {
            var generator = SeededGenerator(seed: UInt64(size))
            try RefusedFile.make(
                folder("copy.db-shm"), (0..<size).map { _ in UInt8.random(in: 0...255, using: &generator) })
        }
        let reopened = try TTLStore(path: folder("copy.db"), configuration: configuration())
        #expect(try reopened.count() == 100)
        try reopened.set("new", "v")
        reopened.close()
        #expect(try shell(folder("copy.db"), "PRAGMA integrity_check; SELECT count(*) FROM live;") == "ok\n101")
    }

    @Test("a log that was cut off or damaged leaves the first of its writes, and an intact file")
    func damagedLog() throws {
        let folder = try TemporaryFolder()
        let store = try TTLStore(path: folder("store.db"), configuration: configuration())
        for number in 1...50 { try store.set("\(number)", TTLStore.Value.integer(Int64(number))) }
        try copy(folder, "store.db", to: "whole.db")
        store.close()
        let length = try #require(
            FileManager.default.attributesOfItem(atPath: folder("whole.db-wal"))[.size] as? NSNumber)
        for tenth in 0..<10 as Range<UInt64> {
            try copy(folder, "whole.db", to: "copy\(tenth).db")
            let path = folder("copy\(tenth).db")
            let offset = length.uint64Value * tenth / 10
            if tenth % 2 == 0 {
                try RefusedFile.truncate(path + "-wal", to: offset)
            } else {
                try RefusedFile.overwrite(path + "-wal", at: offset, Array(repeating: 0xAA, count: 500))
            }
            let damaged = try TTLStore(path: path, configuration: configuration())
            let kept = try damaged.count()
            for number in 1...50 { #expect(try damaged.contains("\(number)") == (number <= kept)) }
            damaged.close()
            #expect(try shell(path, "PRAGMA integrity_check;") == "ok")
        }
    }

    @Test("a file URL opens the file, and a web URL is refused")
    func url() async throws {
        let folder = try TemporaryFolder()
        let url = URL(fileURLWithPath: folder("a b ä.db"))
        let store = try await TTLStore(url: url, configuration: configuration())
        try await store.set("k", "v")
        await store.close()
        #expect(try FolderContents.names(folder) == ["a b ä.db"])
        let path = folder("a b ä.db")
        let again = try await TTLStore(path: path, configuration: configuration())
        #expect(try await again.get("k") == "v")
        await again.close()
        let web = try #require(URL(string: "https://example.org/store.db"))
        expectFailure(.cannotOpen) { try TTLStore(url: web) }
    }

    @Test("a symbolic link is followed: file and log lie where it leads")
    func symbolicLink() throws {
        let folder = try TemporaryFolder()
        try FileManager.default.createDirectory(atPath: folder("target"), withIntermediateDirectories: false)
        try FileManager.default.createDirectory(atPath: folder("links"), withIntermediateDirectories: false)
        let made = try TTLStore(path: folder("target/store.db"), configuration: configuration())
        made.close()
        try FileManager.default.createSymbolicLink(
            atPath: folder("links/store.db"), withDestinationPath: folder("target/store.db"))
        let linked = try TTLStore(path: folder("links/store.db"), configuration: configuration())
        let direct = try TTLStore(path: folder("target/store.db"), configuration: configuration())
        try linked.set("k", "v")
        #expect(try direct.get("k") == "v")
        #expect(try linked.statistics().logSize == direct.statistics().logSize)
        #expect(try linked.statistics().logSize > 0)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder("links")) == ["store.db"])
        linked.close()
        direct.close()
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder("target")) == ["store.db"])
    }

    @Test("a symbolic link to nowhere is an error, and nothing is created")
    func danglingLink() throws {
        let folder = try TemporaryFolder()
        try FileManager.default.createSymbolicLink(
            atPath: folder("store.db"), withDestinationPath: folder("nowhere.db"))
        for access in [TTLStore.Configuration.Access.create, .existing, .readOnly] {
            expectFailure(.cannotOpen) { try TTLStore(path: folder("store.db"), configuration: configuration(access)) }
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["store.db"])
    }

    @Test(
        "a symbolic link in place of the log or its index is an error, and its target is left alone",
        arguments: ["-wal", "-shm"])
    func linkedLog(suffix: String) throws {
        let folder = try TemporaryFolder()
        let store = try TTLStore(path: folder("store.db"), configuration: configuration())
        store.close()
        try RefusedFile.make(folder("target"), "precious".utf8)
        try FileManager.default.createSymbolicLink(
            atPath: folder("store.db" + suffix), withDestinationPath: folder("target"))
        expectFailure(.cannotOpen) { try TTLStore(path: folder("store.db"), configuration: configuration()) }
        #expect(try String(contentsOfFile: folder("target"), encoding: .utf8) == "precious")
    }

    @Test("a path relative to the folder at opening stays the same file when the process changes its folder")
    func relativePath() throws {
        let folder = try TemporaryFolder()
        let outcome = try ChildProcess.run("TTLTestProcess", ["open-relative", folder.path, "store.db"])
        #expect(outcome.text == "stored\nvalue\nstored\nclosed\n")
        #expect(try FolderContents.names(folder) == ["store.db"])
        #expect(try shell(folder("store.db"), "SELECT value FROM live;") == "other")
    }
}
