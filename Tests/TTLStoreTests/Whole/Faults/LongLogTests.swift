#if compiler(>=6.3)
import TTLStore
import TTLTestSupport
import Testing

@Suite("When memory for the log's index can't be mapped") struct LongLogTests {
    /// So many pages that they fill the part of the index that is mapped from the beginning.
    private static let large = TTLStore.Value.bytes([UInt8](repeating: 1, count: 16 << 20))

    @Test(
        "a write that can't map memory for the log's index fails and changes nothing, and the store goes on",
        arguments: Fault.Extent.allCases)
    func outgrown(extent: Fault.Extent) async {
        await #expect(processExitsWith: .success) { [extent] in
            try #require(Fault.install())
            let small = try await SmallStore(extent, .map)
            let met = try await FaultLoop(call: .map, extent: extent).run { fault in
                let store = try await small.open()
                let before = try store.contents()
                fault.begin()
                let outcome = try? await store.set("large", LongLogTests.large)
                let failures = Fault.end()
                #expect((outcome == nil) == (failures > 0), "\(fault)")
                if outcome == nil { #expect(try store.contents() == before, "\(fault)") }
                #expect(try await store.set("large", LongLogTests.large) == .stored, "\(fault)")
                let reopened = try store.reopened()
                #expect(try await reopened.get("large", as: TTLStore.Value.self) == LongLogTests.large, "\(fault)")
                #expect(try reopened.integrity() == "ok", "\(fault)")
                await reopened.close()
                return failures
            }
            #expect(met > 0)
        }
    }
}
#endif
