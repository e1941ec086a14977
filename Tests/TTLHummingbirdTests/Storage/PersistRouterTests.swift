#if Hummingbird
import Hummingbird
import TTLHummingbird
import TTLStore
import TTLTestSupport
import Testing

@Suite("A router that uses the driver", .hangLimit) struct PersistRouterTests {
    private let test: TemporaryStore
    private let driver: TTLStorePersistDriver
    private let router: RouterUnderTest<BasicRequestContext>

    init() throws {
        test = try TemporaryStore()
        driver = TTLStorePersistDriver(test.store)
        router = RouterUnderTest(persisting: driver)
    }

    private func expectText(_ expected: String?, _ key: String = "key") async {
        let response = await router.send(.get, "/get/\(key)")
        #expect(response.status == (expected == nil ? .noContent : .ok))
        #expect(response.text == expected ?? "")
    }

    @Test("a value that was set is returned")
    func set() async {
        #expect(await router.send(.put, "/set/key", body: "first").status == .ok)
        await expectText("first")
        await expectText(nil, "other")
    }

    @Test("a value that was created is returned, and a second creation is a duplicate")
    func create() async {
        #expect(await router.send(.put, "/create/key", body: "first").status == .ok)
        await expectText("first")
        #expect(await router.send(.put, "/create/key", body: "second").status == .conflict)
        await expectText("first")
    }

    @Test("a second set replaces the value")
    func setTwice() async {
        _ = await router.send(.put, "/set/key", body: "first")
        #expect(await router.send(.put, "/set/key", body: "second").status == .ok)
        await expectText("second")
    }

    @Test("a value that was set for 0 seconds is absent, one that was set for 10 seconds lives for 10 seconds")
    func expiry() async throws {
        #expect(await router.send(.put, "/set/none?seconds=0", body: "first").status == .ok)
        #expect(await router.send(.put, "/set/ten?seconds=10", body: "second").status == .ok)
        await expectText(nil, "none")
        test.clock.advance(by: .milliseconds(9999))
        await expectText("second", "ten")
        test.clock.advance(by: .milliseconds(1))
        await expectText(nil, "ten")
    }

    @Test("the time to live is returned with the value")
    func timeToLive() async {
        _ = await router.send(.put, "/set/key?seconds=10", body: "value")
        #expect(await router.send(.get, "/ttl/key").text == "10")
        test.clock.advance(by: .milliseconds(1))
        #expect(await router.send(.get, "/ttl/key").text == "9")
    }

    @Test("a value of a type of the program is returned")
    func codable() async {
        _ = await router.send(.put, "/named/key", body: "alice")
        #expect(await router.send(.get, "/named/key").text == "alice")
    }

    @Test("a value that is read as another type is an invalid conversion")
    func invalidConversion() async {
        _ = await router.send(.put, "/named/key", body: "alice")
        #expect(await router.send(.get, "/get/key").status == .badRequest)
    }

    @Test("a removed value is absent")
    func remove() async {
        _ = await router.send(.put, "/set/key", body: "value")
        #expect(await router.send(.delete, "/remove/key").status == .noContent)
        await expectText(nil)
        #expect(await router.send(.delete, "/remove/key").status == .noContent)
    }

    @Test("a value can be set again after it has expired")
    func expireAndSet() async {
        _ = await router.send(.put, "/set/key?seconds=1", body: "first")
        test.clock.advance(by: .seconds(1))
        await expectText(nil)
        #expect(await router.send(.put, "/set/key?seconds=10", body: "second").status == .ok)
        await expectText("second")
    }

    @Test("a value stays while expired ones are purged, and the driver runs as a service")
    func purge() async throws {
        let folder = try TemporaryFolder()
        let clock = ManualClock()
        let purged = Collected<TTLStore.ExpirerActivity>()
        var configuration = TTLStore.Configuration()
        configuration.clock = clock.wallClock
        configuration.onExpirerActivity = { purged.append($0) }
        let driver = try await TTLStorePersistDriver(path: folder("store.db"), configuration: configuration)
        let router = RouterUnderTest(persisting: driver)
        try await withServices([driver]) {
            _ = await router.send(.put, "/set/short?seconds=1", body: "value")
            _ = await router.send(.put, "/set/long?seconds=10", body: "value")
            clock.advance(by: .seconds(1))
            #expect(await eventuallyWithoutBlocking { purged.all.contains(.purged(count: 1)) })
            #expect(await router.send(.get, "/get/short").status == .noContent)
            #expect(await router.send(.get, "/get/long").text == "value")
        }
    }

    @Test("an error of the store reaches the server")
    func error() async {
        let key = String(repeating: "k", count: 2000)
        let response = await router.send(.get, "/get/\(key)")
        #expect(response.status == .internalServerError)
        #expect((response.unhandledError as? TTLStoreError)?.code == .invalidKey)
    }
}
#endif
