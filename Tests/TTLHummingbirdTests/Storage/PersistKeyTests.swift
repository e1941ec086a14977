#if Hummingbird
import Hummingbird
import TTLHummingbird
import TTLStore
import TTLTestSupport
import Testing

@Suite("The driver's keys", .hangLimit) struct PersistKeyTests {
    private let test: TemporaryStore
    private let driver: TTLStorePersistDriver

    init() throws {
        test = try TemporaryStore()
        driver = TTLStorePersistDriver(test.store)
    }

    @Test("keys have a prefix in the file, and other entries are not the driver's")
    func prefix() async throws {
        try await test.store.set("key", "other")
        try await test.store.set("ttl.session:key", "session")
        #expect(try await driver.get(key: "key", as: String.self) == nil)
        try await driver.create(key: "key", value: "value")
        #expect(try await test.store.keys().elements == ["key", "ttl.persist:key", "ttl.session:key"])
        try await driver.remove(key: "key")
        #expect(try await test.store.get("key") == "other")
        #expect(try await test.store.count() == 2)
    }

    @Test("drivers with other prefixes share a file without seeing each other's values")
    func otherPrefix() async throws {
        let other = TTLStorePersistDriver(test.store, keyPrefix: "other:")
        let plain = TTLStorePersistDriver(test.store, keyPrefix: "")
        try await driver.create(key: "key", value: 1)
        try await other.create(key: "key", value: 2)
        try await plain.create(key: "key", value: 3)
        #expect(try await driver.get(key: "key", as: Int.self) == 1)
        #expect(try await other.get(key: "key", as: Int.self) == 2)
        #expect(try await plain.get(key: "key", as: Int.self) == 3)
        #expect(try await test.store.keys().elements == ["key", "other:key", "ttl.persist:key"])
    }

    @Test("a key has at most 1024 bytes with its prefix, and is not empty", arguments: ["ttl.persist:", "", "p"])
    func length(prefix: String) async throws {
        let driver = TTLStorePersistDriver(test.store, keyPrefix: prefix)
        let longest = String(repeating: "k", count: TTLStore.maximumKeyLength - prefix.utf8.count)
        try await driver.create(key: longest, value: 1)
        #expect(try await driver.get(key: longest, as: Int.self) == 1)
        for key in ["", longest + "k"] {
            await expectFailure(.invalidKey) { try await driver.create(key: key, value: 1) }
            await expectFailure(.invalidKey) { try await driver.set(key: key, value: 1, expires: .zero) }
            await expectFailure(.invalidKey) { try await driver.get(key: key, as: Int.self) }
            await expectFailure(.invalidKey) { try await driver.getWithTTL(key: key, as: Int.self) }
            await expectFailure(.invalidKey) { try await driver.remove(key: key) }
        }
        #expect(try await test.store.count() == 1)
    }

    @Test("keys that differ in their bytes are different keys")
    func bytes() async throws {
        try await driver.set(key: "é", value: 1)
        try await driver.set(key: "e\u{301}", value: 2)
        #expect(try await driver.get(key: "é", as: Int.self) == 1)
        #expect(try await driver.get(key: "e\u{301}", as: Int.self) == 2)
    }

    @Test("the removal of an absent key changes nothing")
    func removeAbsent() async throws {
        try await driver.remove(key: "missing")
        try await driver.set(key: "key", value: 1, expires: .seconds(1))
        test.clock.advance(by: .seconds(1))
        try await driver.remove(key: "key")
        try await driver.remove(key: "key")
        #expect(try await driver.get(key: "key", as: Int.self) == nil)
    }

    @Test("a set removes the tag that the program has given to an entry")
    func tag() async throws {
        try await test.store.set("ttl.persist:key", 1, tag: "tag")
        try await driver.set(key: "key", value: 2)
        #expect(try await test.store.entry("ttl.persist:key")?.tag == nil)
    }
}
#endif
