import Foundation
import TTLStore
import TTLTestSupport
import Testing

@Suite("Values") struct ValueTests {
    static let values: [TTLStore.Value] = [
        .text(""), .text("text"), .text("NUL \0 inside"), .text("\0"),
        .text("'quotes' \"and\" `ticks`; DROP TABLE entries"),
        .text("line\nline\r\n"),
        .text("👩‍👩‍👧‍👦 ä e\u{301} \u{10FFFF} \u{FEFF}"), .text("5"), .text("1e3"), .text(" 5 "),
        .text(String(repeating: "ä", count: 500_000)),
        .bytes([]), .bytes([0]), .bytes([0xff, 0xfe, 0x00, 0x80]), .bytes(Array(0...255)), .bytes(Array("text".utf8)),
        .bytes(Array(repeating: 0xA5, count: 3_000_001)),
        .integer(0), .integer(1), .integer(-1), .integer(.max), .integer(.min), .integer(1 << 53 + 1),
    ]

    @Test("values of every kind come back byte for byte, also after reopening", arguments: Setting.all)
    func roundTrip(setting: Setting) async throws {
        var store = try setting.open()
        for (number, value) in ValueTests.values.enumerated() { try await store.set("\(number)", value) }
        for round in 1...2 {
            for (number, value) in ValueTests.values.enumerated() {
                let stored = try await store.get("\(number)", as: TTLStore.Value.self)
                #expect(stored == value, "value \(number) in round \(round)")
                // Equality of strings would not tell composed characters from decomposed ones.
                #expect(stored?.rawBytes == value.rawBytes, "value \(number) in round \(round)")
                #expect(try await store.entry("\(number)")?.value.rawBytes == value.rawBytes)
            }
            guard store.folder != nil else { break }
            store = try store.reopened()
        }
    }

    @Test("the type of a value decides how it is stored, and it comes back as that type", arguments: Setting.all)
    func types(setting: Setting) async throws {
        struct User: Codable, Hashable, Sendable {
            var name: String
            var roles: [String]
            var age: Int?
        }
        let store = try setting.open()
        func check<Typed: Codable & Equatable & Sendable>(
            _ value: Typed, _ stored: TTLStore.Value, sourceLocation: SourceLocation = #_sourceLocation
        ) async throws {
            try await store.set("k", value)
            #expect(try await store.get("k", as: TTLStore.Value.self) == stored, sourceLocation: sourceLocation)
            #expect(try await store.get("k", as: Typed.self) == value, sourceLocation: sourceLocation)
            let entry = try await store.entry("k")
            #expect(try entry?.decode(as: Typed.self) == value, sourceLocation: sourceLocation)
        }
        try await check("text", .text("text"))
        try await check([UInt8](0...9), .bytes(Array(0...9)))
        try await check([UInt8](), .bytes([]))
        try await check(Data([1, 2, 3]), .bytes([1, 2, 3]))
        try await check(Data([1, 2, 3])[1...], .bytes([2, 3]))
        try await check(5, .integer(5))
        try await check(Int.min, .integer(.min))
        try await check(Int64.max, .integer(.max))
        try await check(true, .text("true"))
        try await check(1.5, .text("1.5"))
        try await check([1, 2], .text("[1,2]"))
        try await check(["b": 1, "a": 2], .text("{\"a\":2,\"b\":1}"))
        try await check(
            User(name: "a/ä\"", roles: ["x"], age: nil), .text("{\"name\":\"a/ä\\\"\",\"roles\":[\"x\"]}"))
        try await check([String?.none, "text"], .text("[null,\"text\"]"))
    }

    @Test("the raw bytes of a value are what a command prints")
    func rawBytes() {
        #expect(TTLStore.Value.text("ä").rawBytes == [0xC3, 0xA4])
        #expect(TTLStore.Value.bytes([0, 1]).rawBytes == [0, 1])
        #expect(TTLStore.Value.integer(-5).rawBytes == Array("-5".utf8))
        #expect([TTLStore.Value.text(""), .bytes([]), .integer(0)].map(\.kind) == TTLStore.Value.Kind.allCases)
    }
}
