import Foundation
import TTLTestSupport
import Testing

@testable import TTLStore

@Suite("A read-only store in a folder that it can't write, opened without a writer", .hangLimit)
struct ReadOnlyWatchConcurrencyTests {
    private let folder: TemporaryFolder
    private let path: String

    init() throws {
        folder = try TemporaryFolder()
        path = folder("store.db")
        let store = try ReadOnlyWatchConcurrencyTests.open(path)
        try store.set("k", "first")
        try store.setAll([.init("a", .text("0")), .init("b", .text("0"))])
        store.close()
        chmod(path, 0o644)
        close()
    }

    private static func open(_ path: String) throws -> TTLStore {
        var configuration = TTLStore.Configuration()
        configuration.purging = .manual
        return try TTLStore(path: path, configuration: configuration)
    }

    /// Makes the folder unwritable for the other user; if the tests run as that user, only while the store is opened.
    private func close() { chmod(folder.path, getuid() == 0 ? 0o755 : 0o555) }

    private func reader(_ command: String = "watch-unprivileged") throws -> ChildProcess {
        close()
        let reader = try ChildProcess("TTLTestProcess", [command, path])
        #expect(reader.readLine() == (command == "watch-unprivileged" ? "first" : "open"))
        chmod(folder.path, 0o755)
        return reader
    }

    /// Whether the reader gets that answer within the time.
    private func sees(_ reader: ChildProcess, _ answer: String) -> Bool {
        eventually(within: 60) {
            reader.send("\n")
            return reader.readLine() == answer
        }
    }

    private func end(_ reader: ChildProcess) {
        reader.closeInput()
        #expect(reader.readLine() == "closed")
        #expect(reader.wait() == 0)
    }

    @Test("a read-only store sees the commits of a writer that stays, and of a later one")
    func writerStays() throws {
        let reader = try reader()
        let writer = try ReadOnlyWatchConcurrencyTests.open(path)
        try writer.set("k", "second")
        #expect(sees(reader, "second"))
        try writer.set("k", "third")
        // Now the reader shares the file, and sees each write at once.
        reader.send("\n")
        #expect(reader.readLine() == "third")
        writer.close()
        let later = try ReadOnlyWatchConcurrencyTests.open(path)
        try later.set("k", "fourth")
        reader.send("\n")
        #expect(reader.readLine() == "fourth")
        end(reader)
        later.close()
        try expectIntact(path)
    }

    @Test("a read-only store sees the commits of a writer that came and went between two looks")
    func writerComesAndGoes() throws {
        let reader = try reader()
        for round in 0..<5 {
            let writer = try ReadOnlyWatchConcurrencyTests.open(path)
            try writer.set("k", "round \(round)")
            writer.close()
            #expect(sees(reader, "round \(round)"))
        }
        end(reader)
        try expectIntact(path)
    }

    @Test("a read-only store reports that its file was replaced or is gone")
    func replaced() throws {
        let reader = try reader()
        let other = try ReadOnlyWatchConcurrencyTests.open(folder("other.db"))
        try other.set("k", "other")
        other.close()
        chmod(folder("other.db"), 0o644)
        #expect(rename(folder("other.db"), path) == 0)
        #expect(sees(reader, "fileReplaced"))
        reader.send("\n")
        #expect(reader.readLine() == "fileReplaced")
        unlink(path)
        #expect(sees(reader, "fileReplaced"))
        end(reader)
    }

    @Test("a read-only store reads one state of the file, however often writers come and go meanwhile")
    func consistency() throws {
        let reader = try reader("read-pairs-unprivileged")
        for round in 1...40 {
            let writer = try ReadOnlyWatchConcurrencyTests.open(path)
            let value = Value.text(String(repeating: "\(round)", count: 3000))
            try writer.setAll([.init("a", value), .init("b", value)])
            writer.close()
        }
        // Until the last state was read.
        reader.closeInput()
        #expect(reader.readLine() == "0 [] true")
        #expect(reader.wait() == 0)
        try expectIntact(path)
    }
}
