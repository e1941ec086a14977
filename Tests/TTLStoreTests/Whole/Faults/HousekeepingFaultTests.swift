#if compiler(>=6.3)
import TTLStore
import Testing

@Suite("When calls to the system fail while a store keeps itself small") struct HousekeepingFaultTests {
    /// The operations that make room for their entries if the store is full.
    private static let evicting: [Operation] = [
        .set, .setIfAbsent, .exchange, .increment, .setAll, .transaction, .update, .getOrCompute,
    ]

    @Test(
        "with failing system calls a write evicts or goes on without, and reports the evicted entries",
        arguments: [Fault.Call.read, .write, .diskFull, .memory])
    func eviction(call: Fault.Call) async {
        await #expect(processExitsWith: .success) { [call] in
            try #require(Fault.install())
            for extent in call.extents {
                let small = try await SmallStore(extent, call, .absent) { $0.maximumEntries = 1 }
                for operation in HousekeepingFaultTests.evicting {
                    let trial = try await OperationTrial(operation, small, isWatched: true, evicts: true)
                    #expect(trial.removedKeys == ["other"], "\(operation)")
                    let met = try await FaultLoop(call: call, extent: extent).run(trial.meet)
                    #expect(met > 0, "\(operation) makes no \(call)")
                }
            }
        }
    }

    @Test(
        "the expirer reports failed system calls, goes on when it can, and ends when the store closes",
        arguments: Fault.Call.allCases.filter { $0 != .map })
    func expirer(call: Fault.Call) async {
        await #expect(processExitsWith: .success) { [call] in
            try #require(Fault.install())
            var met = 0
            for extent in call.extents {
                let trial = try await ExpirerTrial(extent, call)
                met += try await FaultLoop(call: call, extent: extent).run(trial.meet)
            }
            #expect(met > 0)
        }
    }
}
#endif
