import Foundation
import TTLTestSupport
import Testing

@testable import TTLStore

@Suite("A handler of removals", .hangLimit) struct RemovalHandlerConcurrencyTests {
    private let calls = HandlerCalls()

    private func open(
        _ adjust: (inout TTLStore.Configuration) -> Void = { _ in },
        _ handler: @escaping @Sendable ([TTLStore.Removal]) -> Void
    ) throws -> StoreUnderTest {
        try Setting.inFile.open { configuration in
            configuration.onRemovals = handler
            adjust(&configuration)
        }
    }

    @Test("a handler gets the removals in the order of the commits, one call at a time")
    func order() throws {
        let calls = calls
        let (running, overlaps) = (Counter(), Counter())
        let test = try open { batch in
            running.add()
            if running.value > 1 { overlaps.add() }
            calls.append(batch)
            running.add(-1)
        }
        for number in 0...300 { try test.store.set("key", TTLStore.Value.integer(Int64(number)), tag: "\(number)") }
        #expect(eventually { calls.removals.count == 300 })
        #expect(calls.removals.map(\.tag) == (0..<300).map { "\($0)" })
        #expect(calls.removals.allSatisfy { $0.cause == .overwritten && $0.value == nil })
        #expect(calls.all.allSatisfy { !$0.isEmpty })
        #expect(overlaps.value == 0)
        // A transaction comes in one piece.
        try test.store.transaction { transaction in
            for number in 0..<50 { try transaction.set("key", "\(number)") }
        }
        #expect(eventually { calls.removals.count == 350 })
        #expect(calls.all.last?.count == 50)
        test.store.close()
    }

    @Test("a handler gets the removals of the thread, and the values if asked for")
    func expirer() throws {
        let calls = calls
        let test = try open(
            {
                $0.purging = .automatic
                $0.removalsIncludeValues = true
            }, { calls.append($0) })
        try test.store.set("key", "value", expiring: .after(.seconds(1)), tag: "tag")
        test.clock.advance(by: .seconds(1))
        test.store.engine.wakeExpirer()
        #expect(eventually { !calls.removals.isEmpty })
        #expect(calls.removals == [.init(key: "key", tag: "tag", value: .text("value"), cause: .expired)])
        test.store.close()
    }

    @Test("a handler may call the store")
    func calling() throws {
        let holder = StoreHolder()
        let test = try open { batch in
            for removal in batch where removal.cause == .removed {
                _ = try? holder.store?.set("gone:" + removal.key, "x")
                _ = try? holder.store?.increment("count")
            }
        }
        holder.store = test.store
        for number in 0..<20 { try test.store.set("key:\(number)", "x") }
        for number in 0..<20 { try test.store.remove("key:\(number)") }
        #expect(try eventually { try test.store.count(.prefix("gone:")) == 20 })
        #expect(try eventually { try test.store.get("count", as: Int.self) == 20 })
        test.store.close()
        holder.store = nil
    }

    @Test("a handler may close the store")
    func closing() throws {
        let holder = StoreHolder()
        let test = try open { _ in
            holder.store?.close()
            holder.callbacks.add()
        }
        holder.store = test.store
        try test.store.set("key", "1")
        try test.store.remove("key")
        #expect(eventually { holder.callbacks.value == 1 })
        expectFailure(.closed) { try test.store.set("key", "1") }
        test.store.close()
        #expect(Census.descriptors(below: try #require(test.folder).path) == 0)
        holder.store = nil
    }

    @Test("a slow handler blocks no operation, not even close, loses removals that don't fit, and gets the rest")
    func slow() throws {
        let calls = calls
        let (begun, gate) = (Counter(), Counter())
        let test = try open { batch in
            begun.add()
            _ = eventually { gate.value > 0 }
            calls.append(batch)
        }
        try test.store.set("first", "1")
        try test.store.remove("first")
        #expect(eventually { begun.value == 1 })
        try test.store.setAll((0..<10_050).map { .init("key:\($0)", .integer($0)) })
        #expect(try test.store.removeAll(.prefix("key:")) == 10_050)
        #expect(try test.store.statistics().droppedRemovals == 50)
        test.store.close()
        #expect(calls.all.isEmpty)
        gate.add()
        #expect(eventually { calls.removals.count == 10_001 })
        #expect(calls.all.map(\.count) == [1, 10_000])
    }

    @Test("a handler of a read-only store is never called, and a dropped store releases its handler")
    func life() throws {
        let calls = calls
        let test = try open { calls.append($0) }
        try test.store.set("key", "1")
        let reader = try test.reopened { $0.access = .readOnly }
        #expect(try reader.store.count() == 1)
        reader.store.close()
        #expect(calls.all.isEmpty)
        weak var token: HandlerCalls?
        do {
            let held = HandlerCalls()
            token = held
            var configuration = TTLStore.Configuration()
            configuration.onRemovals = { held.append($0) }
            let store = try TTLStore.inMemory(configuration: configuration)
            try store.set("key", "1")
            try store.set("key", "2")
        }
        #expect(eventually { token == nil })
    }
}
