import TTLStore
import TTLTestSupport
import Testing

@Suite("Integers of every type") struct IntegerTests {
    typealias Number = FixedWidthInteger & Codable & Sendable

    static let types: [any Number.Type] = [
        Int.self, Int8.self, Int16.self, Int32.self, Int64.self, Int128.self, UInt.self, UInt8.self, UInt16.self,
        UInt32.self, UInt64.self, UInt128.self,
    ]

    enum Level: Int32, Codable, Sendable { case low = 1, high }

    @Test("integers are stored as INTEGER if they fit, and otherwise refused with nothing changed")
    func stored() async throws {
        func check<Typed: Number>(_ type: Typed.Type, _ store: StoreUnderTest) async throws {
            for number in [Typed.min, Typed.min / 2, 0, 1, 5, Typed.max / 2, Typed.max] {
                try await store.set("k", "before")
                guard let stored = Int64(exactly: number) else {
                    await expectFailure(.encodingFailed, "\(type)") { try await store.set("k", number) }
                    #expect(try await store.get("k") == "before")
                    continue
                }
                try await store.set("k", number)
                #expect(try await store.get("k", as: TTLStore.Value.self) == .integer(stored), "\(type)")
                #expect(try await store.get("k", as: type) == number, "\(type)")
            }
        }
        for setting in Setting.all {
            let store = try setting.open()
            for type in IntegerTests.types { try await check(type, store) }
        }
    }

    @Test("a stored integer is read as any integer type that can hold it, and as no other")
    func read() async throws {
        func check<Typed: Number>(_ type: Typed.Type, _ integer: Int64, _ store: StoreUnderTest) async throws {
            if let expected = Typed(exactly: integer) {
                #expect(try await store.get("k", as: type) == expected, "\(type) \(integer)")
                #expect(try await store.store.getAll(["k"], as: type) == [expected])
                let inside = try await store.store.transaction { try $0.get("k", as: type) }
                #expect(inside == expected)
                let entry = try await store.entry("k")
                #expect(try entry?.decode(as: type) == expected)
            } else {
                await expectFailure(.decodingFailed, "\(type) \(integer)") { try await store.get("k", as: type) }
            }
        }
        let store = try Setting.inMemory.open()
        for integer in [0, 1, -1, 127, 128, 255, 256, -128, -129, 65_535, 65_536, 1 << 31, 1 << 32, .max, .min] {
            try await store.set("k", TTLStore.Value.integer(Int64(integer)))
            for type in IntegerTests.types { try await check(type, Int64(integer), store) }
        }
    }

    @Test("integers of every type can be incremented, taken and updated")
    func changed() async throws {
        func check<Typed: Number>(_ type: Typed.Type, _ store: TTLStore) throws {
            try store.set("k", Typed(41))
            #expect(try store.increment("k") == 42, "\(type)")
            try store.update("k", as: type) { $0 = ($0 ?? 0) + 1 }
            #expect(try store.get("k", as: TTLStore.Value.self) == .integer(43), "\(type)")
            #expect(try store.get("k", as: type, touching: .never) == 43)
            try store.exchange("k", Typed(9))
            #expect(try store.get("k", as: TTLStore.Value.self) == .integer(9), "\(type)")
            #expect(try store.take("k", as: type) == 9)
            try store.setAll([.init("k", Typed(7))])
            #expect(try store.get("k", as: TTLStore.Value.self) == .integer(7), "\(type)")
            try store.transaction { _ = try ($0.set("k", Typed(8)), $0.increment("k")) }
            #expect(try store.getOrCompute("k", as: type) { 1 } == 9)
        }
        let store = try Setting.inMemory.open().store
        for type in IntegerTests.types { try check(type, store) }
    }

    @Test("taking or updating an integer that doesn't fit the type changes nothing")
    func refused() throws {
        let store = try Setting.inMemory.open().store
        try store.set("k", 300)
        expectFailure(.decodingFailed) { try store.take("k", as: UInt8.self) }
        expectFailure(.decodingFailed) { try store.update("k", as: UInt8.self) { $0 = 1 } }
        expectFailure(.encodingFailed) { try store.update("k", as: UInt64.self) { $0 = .max } }
        expectFailure(.encodingFailed) { try store.exchange("k", UInt64.max) }
        expectFailure(.encodingFailed) { try TTLStore.BatchEntry("k", UInt64.max) }
        expectFailure(.encodingFailed) { try store.transaction { try $0.set("k", UInt.max) } }
        #expect(try store.get("k", as: TTLStore.Value.self) == .integer(300))
    }

    @Test("a truth value, and a type with an integer as its raw value, are JSON")
    func others() throws {
        let store = try Setting.inMemory.open().store
        try store.set("bool", true)
        try store.set("level", Level.high)
        #expect(try store.get("bool", as: TTLStore.Value.self) == .text("true"))
        #expect(try store.get("level", as: TTLStore.Value.self) == .text("2"))
        #expect(try store.get("level", as: Level.self) == .high)
        expectFailure(.wrongKind) { try store.increment("level") }
        try store.set("number", 1)
        expectFailure(.wrongKind) { try store.get("number", as: Bool.self) }
        expectFailure(.wrongKind) { try store.get("number", as: Level.self) }
    }
}
