#if compiler(>=6.3)
import Foundation
import TTLTestSupport
import Testing

@testable import TTLStore

@Suite("A log that was cut off or damaged") struct DamagedLogTests {
    private static let commits = 24
    private let folder: TemporaryFolder
    private let seed: UInt64 = .random(in: 0..<1 << 32)

    init() throws { folder = try TemporaryFolder() }

    @Test(
        "a store with a cut-off log opens with the commits up to there, and with nothing after",
        arguments: [true, false])
    func cutOff(holdsSchema: Bool) async throws {
        let (file, log) = try await leftBehind(holdsSchema)
        var generator = SeededGenerator(seed: seed)
        let frames = stride(from: 32, to: log.count, by: 24 + 4096)
        let lengths = Set(frames).union((0..<40).map { _ in .random(in: 0..<log.count, using: &generator) })
        var last = 0
        for length in lengths.sorted() {
            let commits = try commitsFound(file, log.prefix(length), "cut off after \(length) bytes; seed \(seed)")
            #expect(commits >= last, "\(length) bytes; seed \(seed)")
            last = commits
        }
        #expect(last < DamagedLogTests.commits)
        #expect(try commitsFound(file, log, "whole") == DamagedLogTests.commits)
    }

    @Test("a store with a damaged log opens with the commits before the damage", arguments: [true, false])
    func damaged(holdsSchema: Bool) async throws {
        let (file, log) = try await leftBehind(holdsSchema)
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<60 {
            var damaged = log
            let offset = Int.random(in: 0..<log.count, using: &generator)
            let count = min(.random(in: 1...5000, using: &generator), log.count - offset)
            let noise = (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
            damaged.replaceSubrange(offset..<offset + count, with: noise)
            _ = try commitsFound(file, damaged, "\(count) bytes at \(offset) are noise; seed \(seed)")
        }
    }

    /// The files of a process that ended without closing its store. Each commit stores a key and counts it.
    private func leftBehind(_ logHoldsSchema: Bool) async throws -> (file: Data, log: Data) {
        let path = folder("origin.db")
        if !logHoldsSchema { try await TTLStore(path: path).close() }
        await #expect(processExitsWith: .success) { [path = path as String] in
            var configuration = TTLStore.Configuration()
            configuration.purging = .manual
            let store = try TTLStore(path: path, configuration: configuration)
            for number in 1...24 {
                try store.setAll([.init("count", .integer(Int64(number))), .init("key:\(number)", .text("value"))])
            }
            _ = Unmanaged.passRetained(store)
        }
        return (
            try Data(contentsOf: URL(fileURLWithPath: path)),
            try Data(contentsOf: URL(fileURLWithPath: path + "-wal"))
        )
    }

    /// Expects a prefix of the history, and says how long it is.
    private func commitsFound(_ file: Data, _ log: Data, _ comment: Comment) throws -> Int {
        let path = folder("store.db")
        for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + suffix) }
        try file.write(to: URL(fileURLWithPath: path))
        try log.write(to: URL(fileURLWithPath: path + "-wal"))
        var configuration = TTLStore.Configuration()
        configuration.purging = .manual
        let store = try TTLStore(path: path, configuration: configuration)
        defer { store.close() }
        let count = Int(try store.get("count", as: Int64.self) ?? 0)
        let expected = (1...24).filter { $0 <= count }.map { "key:\($0)" } + (count > 0 ? ["count"] : [])
        #expect(try store.keys().elements == expected.sorted(), comment)
        #expect(try store.set("later", "value") == .stored, comment)
        let integrity = try store.engine.write("check") { try $0.connection.text("PRAGMA integrity_check") }
        #expect(integrity == "ok", comment)
        return count
    }
}
#endif
