import Foundation
import TTLStore
import TTLTestSupport
import Testing

@Suite("Optionals") struct OptionalTests {
    /// Where the build left the interfaces of the package's modules.
    private static let modules = ChildProcess.builtPath("Modules")

    /// Generic code, in which the compiler can't see the optional.
    private func store<Content: Codable & Sendable>(
        _ value: Content, in store: StoreUnderTest, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let blocking = store.store
        func refused<Success>(_ body: () throws -> Success) {
            expectFailure(.encodingFailed, sourceLocation: sourceLocation, body)
        }
        await expectFailure(.encodingFailed) { try await store.set("k", value) }
        refused { try blocking.exchange("k", value) }
        refused { try TTLStore.BatchEntry("k", value) }
        refused { try blocking.transaction { try $0.set("k", value) } }
        refused { try blocking.transaction { try $0.exchange("k", value) } }
        refused { try blocking.update("k", as: Content.self) { _ in Issue.record("the closure ran") } }
        await expectFailure(.encodingFailed) {
            try await blocking.update("k", as: Content.self) { _ in Issue.record("the closure ran") }
        }
        for read in [
            { try $0.get("k", as: Content.self) }, { try $0.take("k", as: Content.self) },
            { try $0.get("k", as: Content.self, touching: .never) },
            { try $0.getAll(["k"], as: Content.self).first ?? nil },
        ] as [(TTLStore) throws -> Content?] {
            expectFailure(.decodingFailed, sourceLocation: sourceLocation) { try read(blocking) }
        }
    }

    @Test("optionals are neither stored nor read by generic code, and nothing is changed", arguments: Setting.all)
    func generic(setting: Setting) async throws {
        let opened = try setting.open()
        for before in [TTLStore.Value.text("\"text\""), .text("null"), .integer(5), .bytes([1])] {
            try await opened.set("k", before)
            try await store(String?.some("text"), in: opened)
            try await store(String?.none, in: opened)
            try await store(Int?.some(5), in: opened)
            try await store([UInt8]??.some([1]), in: opened)
            #expect(try await opened.get("k", as: TTLStore.Value.self) == before)
        }
    }

    @Test("optionals inside a value are JSON as usual")
    func inside() throws {
        struct User: Codable, Equatable {
            var name: String?
            var age: Int?
        }
        let store = try Setting.inMemory.open().store
        try store.set("user", User(name: "a", age: nil))
        try store.set("list", [1, nil])
        #expect(try store.get("user", as: TTLStore.Value.self) == .text("{\"name\":\"a\"}"))
        #expect(try store.get("list", as: TTLStore.Value.self) == .text("[1,null]"))
    }

    @Test(
        "the compiler warns of each optional that it sees, and of nothing else",
        .enabled(if: FileManager.default.fileExists(atPath: modules)))
    func compiler() throws {
        let folder = try TemporaryFolder()
        for (name, expected) in [("Stored", false), ("Refused", true)] {
            // One statement a line, each in a function of its own: first synchronous ones, then asynchronous ones.
            let statements = expected ? OptionalTests.refused : OptionalTests.stored
            let bodies = statements.map { ("", "_ = try \($0)") } + statements.map { ("async", "_ = try await \($0)") }
            let lines = bodies.enumerated().map { number, body in
                "func f\(number)(_ store: TTLStore, _ text: String, _ name: String?, _ number: UInt32?, "
                    + "_ list: [String: Int]) \(body.0) throws { \(body.1) }"
            }
            let file = folder(name + ".swift")
            try ("import TTLStore\n" + lines.joined(separator: "\n")).write(
                toFile: file, atomically: true, encoding: .utf8)
            let outcome = try ChildProcess.run(
                "/usr/bin/env",
                [
                    "swiftc", "-typecheck", "-swift-version", "6", "-I", OptionalTests.modules,
                    "-I", packageFolder.appendingPathComponent("Sources/CTTLSQLite").path, file,
                ])
            #expect(outcome.status == 0, "\(outcome.errors)")
            let warned = Set(
                outcome.errors.split(separator: "\n").compactMap { line -> Int? in
                    guard line.contains("an optional is not stored"), line.hasPrefix(file + ":") else { return nil }
                    return line.dropFirst(file.count + 1).split(separator: ":").first.flatMap { Int($0) }
                })
            #expect(warned == (expected ? Set(2..<lines.count + 2) : []), "\(outcome.errors)")
            if !expected { #expect(outcome.errors.isEmpty, "\(outcome.errors)") }
        }
    }

    /// On its own, after `try` and after `try await`.
    private static let refused = [
        #"store.set("k", name)"#, #"store.set("k", number, expiring: .never)"#, #"store.set("k", list["a"], tag: "t")"#,
        #"store.set("k", name, when: .ifAbsent)"#, #"store.set("k", Optional(text))"#,
        #"store.exchange("k", name)"#, #"store.exchange("k", list["a"], when: .ifPresent)"#,
        #"store.setAll([TTLStore.BatchEntry("k", name)])"#, #"store.setAll([.init("k", number, expiring: .never)])"#,
        #"store.transaction { try $0.set("k", name) }"#, #"store.transaction { try $0.exchange("k", number) }"#,
    ]

    private static let stored = [
        #"store.set("k", text)"#, #"store.set("k", "literal")"#, #"store.set("k", "\(text)x", tag: name)"#,
        #"store.set("k", text + "x")"#, #"store.set("k", name ?? "none")"#, #"store.set("k", name!)"#,
        #"store.set("k", 5)"#, #"store.set("k", -1, expiring: .after(.seconds(1)))"#, #"store.set("k", 1.5)"#,
        #"store.set("k", true)"#, #"store.set("k", UInt8(5))"#, #"store.set("k", [1, 2])"#, #"store.set("k", list)"#,
        #"store.set("k", [name])"#, #"store.set("k", TTLStore.Value.integer(5))"#,
        #"store.set("k", TTLStore.Value.text(text))"#,
        #"store.set("k", number ?? 0, when: .ifAbsent)"#, #"store.exchange("k", text)"#, #"store.exchange("k", 5)"#,
        #"store.exchange("k", TTLStore.Value.bytes([1]))"#,
        #"store.setAll([.init("k", text), .init("l", 5), .init("m", .integer(1))])"#,
        #"store.transaction { _ = try ($0.set("k", text), $0.set("l", 5), $0.exchange("m", list)) }"#,
        #"store.update("k", as: Int.self) { $0 = ($0 ?? 0) + 1 }"#,
        #"store.update("k") { (text: inout String?) in text = nil }"#,
    ]
}
