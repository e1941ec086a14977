import Foundation
import TTLTestSupport
import Testing

@testable import TTLStore

@Suite("Get or compute") struct GetOrComputeTests {
    private struct Forecast: Codable, Equatable, Sendable {
        var city: String
        var degrees: [Double]
    }

    private struct Failure: Error, Equatable {
        var number: Int
    }

    /// A second store on the same file; in memory the same store.
    private func anotherHandle(_ store: StoreUnderTest) throws -> TTLStore {
        guard store.folder != nil else { return store.store }
        return try TTLStore(path: store.path, configuration: store.store.configuration)
    }

    @Test("a missing value is computed and stored, and then found until it expires", arguments: Setting.all)
    func computing(setting: Setting) async throws {
        let store = try setting.open()
        let runs = Counter()
        func ask() async throws -> String {
            try await store.getOrCompute("k", expiring: .after(.seconds(10)), tag: "t") {
                runs.add()
                return "value \(runs.value)"
            }
        }
        #expect(try await ask() == "value 1")
        let entry = try #require(try await store.entry("k"))
        #expect(entry.value == .text("value 1") && entry.tag == "t")
        #expect(entry.expiresAt == store.clock.date(after: 10_000))
        store.clock.advance(by: .milliseconds(9999))
        #expect(try await ask() == "value 1")
        store.clock.advance(by: .milliseconds(1))
        #expect(try await ask() == "value 2")
        #expect(runs.value == 2)
        #expect(try store.leaseRows() == 0)
    }

    @Test("a found value counts as a hit, a computed one as a miss", arguments: Setting.all)
    func counting(setting: Setting) async throws {
        let store = try setting.open()
        for _ in 0..<3 { _ = try await store.getOrCompute("k") { "v" } }
        let statistics = try await store.statistics()
        #expect(statistics.hits == 2 && statistics.misses == 1 && statistics.sets == 1)
    }

    @Test("getOrCompute stores and decodes values by their type, like set and get", arguments: Setting.all)
    func types(setting: Setting) async throws {
        let store = try setting.open()
        let forecast = Forecast(city: "Berlin", degrees: [1.5, 2])
        for _ in 0..<2 {
            #expect(try await store.getOrCompute("text") { "text" } == "text")
            #expect(try await store.getOrCompute("bytes") { [UInt8]([0, 1]) } == [0, 1])
            #expect(try await store.getOrCompute("number") { 7 } == 7)
            #expect(try await store.getOrCompute("json") { forecast } == forecast)
        }
        #expect(try await store.get("number", as: TTLStore.Value.self) == .integer(7))
        #expect(try await store.get("json", as: Forecast.self) == forecast)
    }

    @Test("an optional, which the compiler may infer, is stored as the value that it wraps", arguments: Setting.all)
    func optionals(setting: Setting) async throws {
        let store = try setting.open()
        for _ in 0..<2 {
            #expect(try await store.getOrCompute("text", as: String?.self) { "s" } == "s")
            #expect(try await store.getOrCompute("number", as: UInt8?.self) { 7 } == 7)
        }
        #expect(try await store.get("text", as: TTLStore.Value.self) == .text("s"))
        #expect(try await store.get("number", as: TTLStore.Value.self) == .integer(7))
        let inferred = try? await store.store.getOrCompute("inferred") { "value" }
        #expect(inferred == "value")
        #expect(try await store.get("inferred") == "value")
        await expectFailure(.encodingFailed) { try await store.getOrCompute("none", as: String?.self) { nil } }
        #expect(try await !store.contains("none"))
        #expect(try await store.getOrCompute("none", as: String?.self) { "next" } == "next")
    }

    @Test("a closure that throws stores nothing, and the next caller may try at once", arguments: Setting.all)
    func throwing(setting: Setting) async throws {
        let store = try setting.open()
        for number in 0..<3 {
            await #expect(throws: Failure(number: number)) {
                try await store.getOrCompute("k", as: String.self) { throw Failure(number: number) }
            }
            #expect(try store.leaseRows() == 0)
            #expect(try await store.contains("k") == false)
        }
        #expect(try await store.getOrCompute("k") { "v" } == "v")
    }

    @Test(
        "a result that can't be stored is an error, stores nothing and lets the next caller try", arguments: Setting.all
    )
    func unusableResults(setting: Setting) async throws {
        let store = try setting.open { $0.maximumValueSize = 100 }
        await expectFailure(.valueTooLarge) {
            try await store.getOrCompute("k") { String(repeating: "x", count: 101) }
        }
        await expectFailure(.encodingFailed) { try await store.getOrCompute("k") { Double.nan } }
        #expect(try store.leaseRows() == 0)
        #expect(try await store.count() == 0)
        #expect(try await store.getOrCompute("k") { String(repeating: "x", count: 100) }.count == 100)
    }

    @Test("a value of another type is an error if the options forbid to compute it anew", arguments: Setting.all)
    func otherType(setting: Setting) async throws {
        let store = try setting.open()
        try await store.set("k", TTLStore.Value.bytes([1]))
        let options = ComputeOptions(recomputesUndecodable: false)
        await expectFailure(.wrongKind) { try await store.getOrCompute("k", options: options) { "new" } }
        try await store.set("k", "no JSON")
        await expectFailure(.decodingFailed) {
            try await store.getOrCompute("k", options: options) { Forecast(city: "", degrees: []) }
        }
        #expect(try await store.get("k") == "no JSON")
    }

    @Test("the late result of a closure that has lost its lease is returned and not stored", arguments: Setting.all)
    func lateResult(setting: Setting) async throws {
        let store = try setting.open()
        let (clock, options) = (store.clock, ComputeOptions(leaseDuration: .seconds(5)))
        let late = try await store.getOrCompute("k", options: options) {
            clock.advance(by: .seconds(5))
            return "late"
        }
        #expect(late == "late")
        #expect(try await store.contains("k") == false)
        let inTime = try await store.getOrCompute("k", options: options) {
            clock.advance(by: .milliseconds(4999))
            return "in time"
        }
        #expect(inTime == "in time")
        #expect(try await store.get("k") == "in time")
    }

    @Test("a late result does not replace the result of the caller that took over", arguments: Setting.all)
    func takenOver(setting: Setting) async throws {
        let store = try setting.open()
        let (clock, options, inner) = (store.clock, ComputeOptions(leaseDuration: .seconds(5)), store.store)
        let late = try await store.getOrCompute("k", options: options) {
            clock.advance(by: .seconds(5))
            // Another caller, which is not part of this computation.
            onThreads(1) { _ in
                #expect(throws: Never.self) { try inner.getOrCompute("k", options: options) { "other" } }
            }
            return "late"
        }
        #expect(late == "late")
        #expect(try await store.get("k") == "other")
        #expect(try store.leaseRows() == 0)
    }

    @Test("the expiry of a computed value counts from storing it, and a date that has passed stores nothing")
    func expiries() async throws {
        let store = try Setting.inMemory.open()
        let clock = store.clock
        _ = try await store.getOrCompute("k", expiring: .after(.seconds(5))) {
            clock.advance(by: .seconds(3))
            return "v"
        }
        #expect(try await store.entry("k")?.expiresAt == clock.date(after: 5000))
        #expect(try await store.getOrCompute("past", expiring: .at(clock.date(after: -1))) { "v" } == "v")
        #expect(try await store.contains("past") == false)
        #expect(try store.leaseRows() == 0)
    }

    @Test("the closure of getOrCompute may use the store, and compute other keys", arguments: Setting.all)
    func nested(setting: Setting) async throws {
        let store = try setting.open()
        let inner = store.store
        let sum = try await store.getOrCompute("sum") {
            try inner.set("note", "from within")
            let one = try inner.getOrCompute("one") { try inner.getOrCompute("deep") { 1 } }
            return try one + inner.getOrCompute("two") { 2 }
        }
        #expect(sum == 3)
        #expect(try await store.keys().elements == ["deep", "note", "one", "sum", "two"])
        #expect(try store.leaseRows() == 0)
    }

    @Test("a closure that asks for its own key is refused, at any depth and through any store", arguments: Setting.all)
    func reentrant(setting: Setting) async throws {
        let store = try setting.open()
        let inner = store.store
        let second = try anotherHandle(store)
        await expectFailure(.reentrant) {
            try await store.getOrCompute("k") { try second.getOrCompute("k") { "inner" } }
        }
        await expectFailure(.reentrant) {
            try await store.getOrCompute("k") {
                try inner.getOrCompute("other") { try second.getOrCompute("k") { "inner" } }
            }
        }
        #expect(try await store.count() == 0)
        #expect(try store.leaseRows() == 0)
        // The same text in other bytes is another key.
        #expect(try await store.getOrCompute("\u{e9}") { try inner.getOrCompute("e\u{301}") { "v" } } == "v")
    }

    @Test("a task of the closure that asks for its key is refused, unless it outlives the closure")
    func reentrantTasks() async throws {
        let store = try Setting.inFile.open()
        await expectFailure(.reentrant) {
            try await store.store.getOrCompute("k") {
                await Task.yield()
                async let inner = store.store.getOrCompute("k") { "inner" }
                return try await inner
            }
        }
        let gate = Gate()
        let task = try await store.store.getOrCompute("started", as: Int.self) {
            gate.keep(
                Task {
                    await gate.opened()
                    try await store.store.remove("started")
                    return try await store.store.getOrCompute("started") { 2 }
                })
            return 1
        }
        #expect(task == 1)
        gate.open()
        #expect(try await gate.task?.value == 2)
    }

    @Test("getOrCompute is refused inside a transaction, whose lock it would hold for long")
    func inTransaction() throws {
        let store = try Setting.inFile.open()
        let runs = Counter()
        expectFailure(.reentrant) {
            try store.store.transaction { _ in
                try store.store.getOrCompute("k") {
                    runs.add()
                    return "v"
                }
            }
        }
        #expect(runs.value == 0)
    }
}
