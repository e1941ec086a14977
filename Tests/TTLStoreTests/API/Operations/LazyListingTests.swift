import Foundation
import TTLTestSupport
import Testing

@testable import TTLStore

@Suite("A listing of everything") struct LazyListingTests {
    private func filled(_ count: Int, value: String = "v") throws -> StoreUnderTest {
        let opened = try Setting.inFile.open()
        let keys = (0..<count).map { String(format: "%05d", $0) }
        try opened.store.setAll(keys.map { .init($0, .text(value), tag: $0.hasSuffix("7") ? "seven" : nil) })
        return opened
    }

    @Test(
        "a listing goes through all pages, in a loop of a task, of a thread and by a closure",
        arguments: [0, 1, 999, 2500])
    func whole(count: Int) async throws {
        let opened = try filled(count)
        defer { withExtendedLifetime(opened) {} }
        let store = opened.store
        let expected = (0..<count).map { String(format: "%05d", $0) }
        var keys: [String] = []
        for try await key in store.allKeys() { keys.append(key) }
        #expect(keys == expected)
        #expect(try store.allKeys().results.map { try $0.get() } == expected)
        keys = []
        try store.allEntries().forEach { keys.append($0.key) }
        #expect(keys == expected)
        #expect(try store.allKeys(.tag("seven")).results.map { try $0.get() } == expected.filter { $0.hasSuffix("7") })
        #expect(
            try store.allKeys(.prefix("0001")).results.map { try $0.get() } == expected.filter { $0.hasPrefix("0001") })
        var tagged: [String] = []
        for try await entry in store.allEntries(.tag("seven")) { tagged.append(entry.key) }
        #expect(tagged == expected.filter { $0.hasSuffix("7") })
    }

    @Test("a listing reads a page only when its elements are asked for")
    func lazy() throws {
        let opened = try filled(2500)
        defer { withExtendedLifetime(opened) {} }
        let store = opened.store
        var results = store.allKeys().results.makeIterator()
        for _ in 0..<1000 { _ = results.next() }
        // Entries that are gone from the next page are not seen.
        try store.removeAll(.prefix("01"))
        #expect(try results.next()?.get() == "02000")
        #expect(Array(store.allKeys().results.prefix(3)).count == 3)
    }

    @Test("a listing of entries reads pages of about 4 MiB of values, however small the values before were")
    func pages() throws {
        let opened = try filled(900)
        defer { withExtendedLifetime(opened) {} }
        let large = String(repeating: "v", count: 1 << 20)
        for number in 0..<10 { try opened.store.set("large \(number)", large) }
        let sizes = Guarded<[Int]>([])
        let source = opened.store.allEntries().source
        let noting = ListingSource<TTLStore.Entry>(store: source.store, maximum: nil) {
            (request) throws(TTLStoreError) in
            let read = try source.operation(request)
            return ReadOperation(read.name) { reader, now in
                let page = try read.body(reader, now)
                sizes.withLock { $0.append(page.elements.reduce(0) { $0 + $1.value.size }) }
                return page
            }
        }
        #expect(TTLStore.Listing(source: noting).results.map { try? $0.get().key }.count == 910)
        #expect(sizes.withLock(\.self).map { $0 >> 20 } == [4, 4, 2])
    }

    @Test("a listing keeps the store from being dropped")
    func kept() throws {
        let folder = try TemporaryFolder()
        let listing = try TTLStore(path: folder("store.db")).allKeys()
        try listing.forEach { _ in }
        #expect(try TTLStore(path: folder("store.db")).allKeys().results.map { try $0.get() }.isEmpty)
    }

    @Test("a listing ends with the error of the failed read")
    func failure() async throws {
        let opened = try filled(1500)
        defer { withExtendedLifetime(opened) {} }
        let store = opened.store
        var results = store.allKeys().results.makeIterator()
        for _ in 0..<1000 { _ = results.next() }
        var iterator = store.allKeys().makeAsyncIterator()
        for _ in 0..<1000 { _ = try await iterator.next() }
        await store.close()
        expectFailure(.closed) { _ = try results.next()?.get() }
        #expect(results.next() == nil)
        await expectFailure(.closed) { () async throws in try await iterator.next() }
        expectFailure(.invalidTag) { try store.allKeys(.tag("")).forEach { _ in } }
    }

    @Test("a listing stops where the closure throws")
    func thrown() throws {
        let opened = try filled(10)
        defer { withExtendedLifetime(opened) {} }
        let store = opened.store
        var count = 0
        #expect(throws: CancellationError.self) {
            try store.allKeys().forEach { _ in
                count += 1
                if count == 3 { throw CancellationError() }
            }
        }
        #expect(count == 3)
    }
}

@Suite("A value of any kind") struct AnyKindTests {
    private let values: [TTLStore.Value] = [
        .text(""), .text("{\"text\":\"x\"}"), .bytes([]), .bytes([0, 0xFF]), .integer(.min), .integer(0),
    ]

    @Test("a Value is stored by its kind, and read as it was by each operation", arguments: Setting.all)
    func operations(setting: Setting) async throws {
        let (store, type) = (try setting.open(), TTLStore.Value.self)
        for value in values {
            try await store.set("k", value)
            #expect(try await store.entry("k")?.value == value)
            #expect(try await store.get("k", as: type) == value)
            #expect(try await store.get("k", as: type, touching: .after(.seconds(1))) == value)
            #expect(try await store.getAll(["k", "none"], as: type) == [value, nil])
            #expect(try await store.exchange("k", value).previous == value)
            #expect(try await store.update("k", as: type) { $0 } == value)
            #expect(try await store.take("k", as: type) == value)
            try await store.setAll(["k": value], tag: "t")
            #expect(try await store.entry("k")?.value == value)
        }
    }

    @Test("a Value within another type is an object with one member")
    func coding() throws {
        for value in values {
            let json = try JSONEncoder().encode([value])
            #expect(try JSONDecoder().decode([TTLStore.Value].self, from: json) == [value])
        }
        let integer = try JSONEncoder().encode(TTLStore.Value.integer(5))
        #expect(String(decoding: integer, as: UTF8.self) == #"{"integer":5}"#)
        for json in ["{}", "5", #"{"integer":5,"text":""}"#, #"{"number":5}"#] {
            #expect(throws: DecodingError.self) {
                try JSONDecoder().decode(TTLStore.Value.self, from: Data(json.utf8))
            }
        }
    }
}
