import Foundation
import TTLStore
import TTLTestSupport
import Testing

/// A file, or something in its place, that a store must not open.
struct RefusedFile: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let code: TTLStoreError.Code
    /// The text that the message must have.
    var message = ""
    let make: @Sendable (_ path: String) throws -> Void

    static func make(_ path: String, _ bytes: some Sequence<UInt8>) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: path))
    }

    /// A store with enough entries for many pages.
    static func makeStore(_ path: String) throws {
        var configuration = TTLStore.Configuration()
        configuration.purging = .manual
        let store = try TTLStore(path: path, configuration: configuration)
        for number in 0..<200 { try store.set("\(number)", TTLStore.Value.bytes(Array(repeating: 1, count: 1000))) }
        store.close()
    }

    static func truncate(_ path: String, to size: UInt64) throws {
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        try handle.truncate(atOffset: size)
        try handle.close()
    }

    static func overwrite(_ path: String, at offset: UInt64, _ bytes: [UInt8]) throws {
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        try handle.seek(toOffset: offset)
        try handle.write(contentsOf: Data(bytes))
        try handle.close()
    }

    /// A file that the shell makes from its own dump of a store.
    static func makeDump(_ path: String) throws {
        try makeStore(path)
        let text = try shell(path, ".dump")
        try FileManager.default.removeItem(atPath: path)
        try shell(path, text)
    }

    /// A write-ahead log that stays behind, as after a kill.
    private static let leavingLog = "PRAGMA journal_mode = WAL;\n.dbconfig no_ckpt_on_close on\n"

    static let all: [RefusedFile] = [
        RefusedFile(testDescription: "a text file", code: .notADatabase) {
            try make($0, String(repeating: "Dear diary. ", count: 500).utf8)
        },
        RefusedFile(testDescription: "a short text file", code: .notADatabase) { try make($0, "hello".utf8) },
        RefusedFile(testDescription: "random bytes", code: .notADatabase) { path in
            var generator = SeededGenerator(seed: 3)
            try make(path, (0..<8192).map { _ in UInt8.random(in: 0...255, using: &generator) })
        },
        RefusedFile(testDescription: "zeros", code: .notADatabase) { try make($0, repeatElement(0, count: 8192)) },
        RefusedFile(testDescription: "a store of which 60 bytes are left", code: .notADatabase) {
            try makeStore($0)
            try truncate($0, to: 60)
        },
        RefusedFile(testDescription: "a store of which half a page is left", code: .corrupt) {
            try makeStore($0)
            try truncate($0, to: 2000)
        },
        RefusedFile(testDescription: "a store of which one page is left", code: .corrupt) {
            try makeStore($0)
            try truncate($0, to: 4096)
        },
        RefusedFile(testDescription: "a store of which a part is left", code: .corrupt) {
            try makeStore($0)
            try truncate($0, to: 10 * 4096)
        },
        RefusedFile(testDescription: "a store with a damaged schema page", code: .corrupt) {
            try makeStore($0)
            try overwrite($0, at: 100, Array(repeating: 0xEE, count: 3000))
        },
        RefusedFile(testDescription: "a folder", code: .cannotOpen, message: "folder") {
            try FileManager.default.createDirectory(atPath: $0, withIntermediateDirectories: false)
        },
        RefusedFile(testDescription: "a FIFO", code: .cannotOpen) { #expect(mkfifo($0, 0o600) == 0) },
        RefusedFile(testDescription: "a database with another application id", code: .foreignFile) {
            try shell($0, "PRAGMA application_id = 1234; CREATE TABLE notes (text);")
        },
        RefusedFile(testDescription: "a database with another application id and a log", code: .foreignFile) {
            try shell($0, "PRAGMA application_id = 1234; CREATE TABLE a (b);")
            try shell($0, leavingLog + "CREATE TABLE notes (text);")
        },
        RefusedFile(testDescription: "a database with tables of another program", code: .foreignFile) {
            try shell($0, "CREATE TABLE notes (text); INSERT INTO notes VALUES ('dear');")
        },
        RefusedFile(testDescription: "a database with tables of another program, in WAL mode", code: .foreignFile) {
            try shell($0, "PRAGMA journal_mode = WAL; CREATE TABLE notes (text);")
        },
        RefusedFile(testDescription: "a database with tables of another program, and a log", code: .foreignFile) {
            try shell($0, "CREATE TABLE a (b);")
            try shell($0, leavingLog + "CREATE TABLE notes (text);")
        },
        RefusedFile(testDescription: "another program's database with a table called entries", code: .foreignFile) {
            try shell($0, "CREATE TABLE entries (key, value); PRAGMA user_version = 1;")
        },
        RefusedFile(testDescription: "another program's database with a schema version", code: .foreignFile) {
            try shell($0, "CREATE TABLE notes (text); PRAGMA user_version = 7;")
        },
        RefusedFile(testDescription: "a database in UTF-16", code: .foreignFile, message: "UTF-16") {
            try shell($0, "PRAGMA encoding = 'UTF-16le'; CREATE TABLE notes (text);")
        },
        RefusedFile(
            testDescription: "a store that went through .dump", code: .foreignFile,
            message: "PRAGMA application_id = 1414810739; PRAGMA user_version = 2;"
        ) { path in
            try makeDump(path)
        },
        RefusedFile(
            testDescription: "a store without a schema version", code: .foreignFile,
            message: "PRAGMA application_id = 1414810739; PRAGMA user_version = 2;"
        ) {
            try makeStore($0)
            try shell($0, "PRAGMA user_version = 0;")
        },
        RefusedFile(
            testDescription: "a store without an application id", code: .foreignFile,
            message: "PRAGMA application_id = 1414810739; PRAGMA user_version = 2;"
        ) {
            try makeStore($0)
            try shell($0, "PRAGMA application_id = 0;")
        },
        RefusedFile(testDescription: "a store with a newer schema", code: .newerSchema, message: "version 3") {
            try makeStore($0)
            try shell($0, "PRAGMA user_version = 3;")
        },
        RefusedFile(testDescription: "a store with a newer schema in its log", code: .newerSchema, message: "version 3")
        {
            try makeStore($0)
            try shell($0, leavingLog + "PRAGMA user_version = 3;")
        },
    ]
}

@Suite("Files that a store refuses") struct RefusedFileTests {
    @Test(
        "the refusal of a file gives the reason, changes neither file nor folder, and leaves no descriptor",
        arguments: RefusedFile.all,
        [TTLStore.Configuration.Access.create, .existing, .readOnly])
    func refused(file: RefusedFile, access: TTLStore.Configuration.Access) throws {
        let folder = try TemporaryFolder()
        try file.make(folder("store.db"))
        let before = try FolderContents(folder)
        var configuration = TTLStore.Configuration()
        configuration.access = access
        for _ in 1...2 {
            let error = expectFailure(file.code) {
                try TTLStore(path: folder("store.db"), configuration: configuration)
            }
            #expect(error?.operation == "open")
            #expect(error?.message.contains(file.message) == true || file.message.isEmpty)
            #expect(error?.description.contains("\n") == false)
        }
        if access == .readOnly {
            #expect(try FolderContents(folder).withoutTracesOfReading == before.withoutTracesOfReading)
        } else {
            #expect(try FolderContents(folder) == before)
        }
        #expect(Census.descriptors(below: folder.path) == 0)
    }

    @Test("a file that went through .dump becomes a store again by the two settings in the error")
    func mendedDump() throws {
        let folder = try TemporaryFolder()
        try RefusedFile.makeDump(folder("store.db"))
        let error = expectFailure(.foreignFile) { try TTLStore(path: folder("store.db")) }
        let message = try #require(error?.message)
        let settings = try #require(message.firstRange(of: /PRAGMA application_id = .*; PRAGMA user_version = .*;/))
        try shell(folder("store.db"), String(message[settings]))
        let store = try TTLStore(path: folder("store.db"))
        #expect(try store.count() == 200)
        #expect(try store.set("new", "value") == .stored)
        store.close()
        try expectIntact(folder("store.db"))
    }

    @Test("a missing file is created only if the access allows it")
    func missing() throws {
        let folder = try TemporaryFolder()
        var configuration = TTLStore.Configuration()
        for access in [TTLStore.Configuration.Access.existing, .readOnly] {
            configuration.access = access
            for path in ["store.db", "missing/store.db"] {
                expectFailure(.cannotOpen) { try TTLStore(path: folder(path), configuration: configuration) }
            }
        }
        #expect(try FolderContents.names(folder).isEmpty)
    }

    @Test("a path that can't name a file is refused")
    func paths() throws {
        let folder = try TemporaryFolder()
        try RefusedFile.make(folder("file"), "text".utf8)
        for path in ["", "a\0b", folder("file/store.db"), folder(String(repeating: "x", count: 300)), "/dev/null"] {
            expectFailure(.cannotOpen, "\(path)") { try TTLStore(path: path) }
        }
        expectFailure(.cannotOpen) { try TTLStore(path: folder(String(repeating: "x/", count: 3000) + "store.db")) }
        #expect(try FolderContents.names(folder) == ["file"])
    }

    @Test("an empty file can't be opened for reading only")
    func emptyReadOnly() throws {
        let folder = try TemporaryFolder()
        try RefusedFile.make(folder("store.db"), [])
        var configuration = TTLStore.Configuration()
        configuration.access = .readOnly
        expectFailure(.cannotOpen) { try TTLStore(path: folder("store.db"), configuration: configuration) }
        #expect(try FolderContents.names(folder) == ["store.db"])
    }

    @Test("settings out of range are refused before a file is touched")
    func configurations() throws {
        let folder = try TemporaryFolder()
        let wrong: [@Sendable (inout TTLStore.Configuration) -> Void] = [
            { $0.maximumValueSize = 0 }, { $0.maximumValueSize = (512 << 20) + 1 }, { $0.busyTimeout = .seconds(-1) },
            { $0.busyTimeout = .seconds(86_401) }, { $0.maximumReaders = -1 }, { $0.maximumReaders = 65 },
            { $0.maximumLogSize = (1 << 20) - 1 }, { $0.defaultTimeToLive = .zero },
            { $0.defaultTimeToLive = .seconds(-5) }, { $0.defaultTimeToLive = .seconds(Int64.max) },
        ]
        for (number, adjust) in wrong.enumerated() {
            var configuration = TTLStore.Configuration()
            adjust(&configuration)
            expectFailure(.invalidConfiguration, "setting \(number)") {
                try TTLStore(path: folder("store.db"), configuration: configuration)
            }
            expectFailure(.invalidConfiguration) { try TTLStore.inMemory(configuration: configuration) }
        }
        #expect(try FolderContents.names(folder).isEmpty)
    }

    @Test("damage beyond the first pages is an error when it is read, and no trap")
    func damagedPages() throws {
        let folder = try TemporaryFolder()
        try RefusedFile.makeStore(folder("store.db"))
        let size = try #require(
            FileManager.default.attributesOfItem(atPath: folder("store.db"))[.size] as? NSNumber
        ).uint64Value
        // All pages but those of the schema.
        for page in stride(from: UInt64(16), to: size / 4096, by: 1) {
            try RefusedFile.overwrite(folder("store.db"), at: page * 4096, Array(repeating: 0xEE, count: 200))
        }
        let store = try TTLStore(path: folder("store.db"))
        defer { store.close() }
        expectFailure(.corrupt) { try store.entries() }
        expectFailure(.corrupt) {
            for number in 0..<200 { _ = try store.get("\(number)", as: TTLStore.Value.self) }
        }
    }
}
