import Testing
@testable import TTLStore
@Test func smoke() throws {
    let store = try TTLStore.inMemory()
    try store.set("a", "b")
    #expect(try store.get("a") == "b")
    store.close()
}
