#if Hummingbird
import Foundation
import Hummingbird
import TTLHummingbird
import TTLStore
import TTLTestSupport
import Testing

@Suite("The driver's values", .hangLimit) struct PersistValueTests {
    private enum Level: Int, Codable { case low = 1, high }
    private struct Empty: Codable, Equatable {}
    private struct Part: Codable, Equatable {
        var name: String?
        var bytes: Data
        var date: Date
    }

    private let test: TemporaryStore
    private let driver: TTLStorePersistDriver

    init() throws {
        test = try TemporaryStore()
        driver = TTLStorePersistDriver(test.store)
    }

    private func expectRoundTrip<Object: Codable & Sendable & Equatable>(
        _ object: Object, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        try await driver.set(key: "key", value: object)
        let read = try await driver.get(key: "key", as: Object.self)
        #expect(read == .some(object), sourceLocation: sourceLocation)
        let both = try await driver.getWithTTL(key: "key", as: Object.self)
        #expect(both?.object == .some(object), sourceLocation: sourceLocation)
    }

    private func expectInvalid<Object: Codable & Sendable>(
        _ type: Object.Type, sourceLocation: SourceLocation = #_sourceLocation
    ) async {
        await #expect(throws: PersistError.invalidConversion, sourceLocation: sourceLocation) {
            try await driver.get(key: "key", as: type)
        }
        await #expect(throws: PersistError.invalidConversion, sourceLocation: sourceLocation) {
            try await driver.getWithTTL(key: "key", as: type)
        }
    }

    private func stored() async throws -> TTLStore.Value? {
        try await test.store.get(driver.keyPrefix + "key", as: TTLStore.Value.self)
    }

    @Test("strings are returned as they were, also those that look like JSON")
    func strings() async throws {
        let strings = [
            "", "alice", "null", "true", "5", "\"quoted\"", #"{"name":"alice"}"#, "[1]", "a/b\\c", "\u{0}\n\u{7F}",
            "e\u{301}é👩‍👩‍👧", String(repeating: "x", count: 1 << 20),
        ]
        for string in strings { try await expectRoundTrip(string) }
        for string in strings {
            try await driver.set(key: "key", value: string)
            let read = try #require(await driver.get(key: "key", as: String.self))
            #expect(Array(read.utf8) == Array(string.utf8))
        }
    }

    @Test("numbers, truth values, arrays, dictionaries and types of the program are returned as they were")
    func plainTypes() async throws {
        try await expectRoundTrip(5)
        try await expectRoundTrip(Int.min)
        try await expectRoundTrip(UInt8.max)
        try await expectRoundTrip(true)
        try await expectRoundTrip(0.1)
        try await expectRoundTrip(Double.greatestFiniteMagnitude)
        try await expectRoundTrip(5.0)
        try await expectRoundTrip(["a", "b"])
        try await expectRoundTrip([String]())
        try await expectRoundTrip([1, 2, 3])
        try await expectRoundTrip(["a": 1])
        try await expectRoundTrip(Level.high)
        try await expectRoundTrip(Empty())
        try await expectRoundTrip(UUID())
        try await expectRoundTrip(Date(timeIntervalSince1970: 1_800_000_000.5))
        try await expectRoundTrip(URL(string: "https://example.org/a?b=c"))
        try await expectRoundTrip(Part(name: nil, bytes: Data([1, 2]), date: Date(timeIntervalSince1970: 5)))
        try await expectRoundTrip(TTLStore.Value.text("alice"))
    }

    @Test("integers that 64 bits with a sign can't hold are returned as they were")
    func largeIntegers() async throws {
        try await expectRoundTrip(UInt64.max)
        try await expectRoundTrip(Int128.min)
        try await expectRoundTrip(UInt128.max)
        try await expectRoundTrip(Optional(UInt64.max))
        await expectInvalid(Int64.self)
    }

    @Test("bytes are returned as they were, and lie in the file as a BLOB")
    func bytes() async throws {
        try await expectRoundTrip([UInt8]())
        try await expectRoundTrip([0, 255, 10] as [UInt8])
        #expect(try await stored() == .bytes([0, 255, 10]))
        #expect(try await driver.get(key: "key", as: Data.self) == Data([0, 255, 10]))
        await expectInvalid(String.self)
        await expectInvalid([Int].self)
        await expectInvalid([String].self)
        try await expectRoundTrip(Data([1, 2]))
        #expect(try await stored() == .bytes([1, 2]))
    }

    @Test("optionals are returned as they were, also nil")
    func optionals() async throws {
        try await expectRoundTrip(String?.none)
        #expect(try await stored() == .text("null"))
        await expectInvalid(String.self)
        #expect(try await driver.get(key: "key", as: Int?.self) == .some(nil))
        try await expectRoundTrip(Optional("null"))
        #expect(try await driver.get(key: "key", as: String.self) == "null")
        try await expectRoundTrip(Optional(5))
        #expect(try await stored() == .integer(5))
        try await expectRoundTrip(Optional([1, 2] as [UInt8]))
        #expect(try await stored() == .bytes([1, 2]))
        try await expectRoundTrip(Optional(Optional(5)))
        try await expectRoundTrip(Optional(Named(name: "alice")))
        try await expectRoundTrip(["a", nil])
        try await driver.set(key: "key", value: "alice")
        #expect(try await driver.get(key: "key", as: String?.self) == .some("alice"))
        #expect(try await driver.get(key: "missing", as: String?.self) == String??.none)
    }

    @Test("an integer is read as another integer type that holds it")
    func integerTypes() async throws {
        try await driver.set(key: "key", value: 300)
        #expect(try await stored() == .integer(300))
        #expect(try await driver.get(key: "key", as: Int64.self) == 300)
        #expect(try await driver.get(key: "key", as: UInt16.self) == 300)
        #expect(try await driver.get(key: "key", as: Double.self) == 300)
        await expectInvalid(Int8.self)
        await expectInvalid(String.self)
        await expectInvalid(Bool.self)
        await expectInvalid([UInt8].self)
        await expectInvalid(Data.self)
        await expectInvalid(Level.self)
    }

    @Test("a string is not read as another type, whatever its text is")
    func stringAsOther() async throws {
        try await driver.set(key: "key", value: #"{"name":"alice"}"#)
        await expectInvalid(Named.self)
        await expectInvalid([String: String].self)
        try await driver.set(key: "key", value: "5")
        await expectInvalid(Int.self)
        await expectInvalid(Double.self)
        await expectInvalid(Int?.self)
        try await driver.set(key: "key", value: "true")
        await expectInvalid(Bool.self)
        try await driver.set(key: "key", value: "YWxpY2U=")
        await expectInvalid(Data.self)
        await expectInvalid([UInt8].self)
    }

    @Test("another type is not read as a string")
    func otherAsString() async throws {
        try await driver.set(key: "key", value: Named(name: "alice"))
        await expectInvalid(String.self)
        await expectInvalid(String?.self)
        await expectInvalid([Named].self)
        for number in [5.5, 5] {
            try await driver.set(key: "key", value: number)
            await expectInvalid(String.self)
        }
        try await driver.set(key: "key", value: true)
        await expectInvalid(String.self)
        await expectInvalid(Int.self)
    }

    @Test("what JSON can't hold is an error, and the value before stays")
    func notEncodable() async throws {
        try await driver.set(key: "key", value: "before")
        for expires in [nil, Duration.seconds(1), .zero, .seconds(Int64.max)] {
            await expectFailure(.encodingFailed) {
                try await driver.set(key: "key", value: Double.nan, expires: expires)
            }
        }
        #expect(try await driver.get(key: "key", as: String.self) == "before")
    }

    @Test("a value that is too large is an error, and the value before stays")
    func tooLarge() async throws {
        var configuration = TTLStore.Configuration()
        configuration.maximumValueSize = 10
        let test = try TemporaryStore(configuration: configuration)
        let driver = TTLStorePersistDriver(test.store)
        try await driver.set(key: "key", value: "12345678")
        await expectFailure(.valueTooLarge) { try await driver.set(key: "key", value: "123456789") }
        #expect(try await driver.get(key: "key", as: String.self) == "12345678")
    }

    @Test("the program reads the driver's values from the store, and counts with its integers")
    func interoperation() async throws {
        let key = driver.keyPrefix + "key"
        try await driver.set(key: "key", value: Named(name: "alice"))
        #expect(try await test.store.get(key, as: Named.self) == Named(name: "alice"))
        #expect(try await stored() == .text(#"{"name":"alice"}"#))
        try await driver.set(key: "key", value: "alice")
        #expect(try await stored() == .text(#""alice""#))
        try await driver.set(key: "key", value: 5)
        #expect(try await test.store.increment(key) == 6)
        #expect(try await driver.get(key: "key", as: Int.self) == 6)
        try await test.store.set(key, Named(name: "bob"))
        #expect(try await driver.get(key: "key", as: Named.self) == Named(name: "bob"))
        try await test.store.set(key, "not JSON")
        await expectInvalid(String.self)
    }
}
#endif
