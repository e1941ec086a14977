#if compiler(>=6.3)
// Tests that run in a process of their own, with an argument, came with Swift 6.3.
import TTLStore
import Testing

@Suite("When calls to the system fail") struct FaultTests {
    @Test(
        "with failing system calls every operation succeeds or says what failed, and the store goes on",
        arguments: Fault.Call.allCases.filter { call in Operation.allCases.contains { $0.makes(call) } })
    func operations(call: Fault.Call) async {
        await #expect(processExitsWith: .success) { [call] in
            try #require(Fault.install())
            for extent in call.extents {
                var stores: [SmallStore.Subject: SmallStore] = [:]
                for subject in SmallStore.Subject.allCases {
                    stores[subject] = try await SmallStore(extent, call, subject)
                }
                for operation in Operation.allCases {
                    var met = 0
                    for small in operation.subjects(call, extent).compactMap({ stores[$0] }) {
                        let trial = try await OperationTrial(operation, small, isWatched: extent == .once)
                        met += try await FaultLoop(call: call, extent: extent).run(trial.meet)
                    }
                    #expect(met > 0 || !operation.makes(call), "\(operation) makes no \(call)")
                }
            }
        }
    }

    @Test(
        "with failing system calls opening succeeds, or says what failed and leaves nothing open",
        arguments: Fault.Call.allCases)
    func opening(call: Fault.Call) async {
        await #expect(processExitsWith: .success) { [call] in
            try #require(Fault.install())
            let small = try await SmallStore(.synchronous)
            let old = try small.outdated()
            var met = 0
            for extent in call.extents {
                let loop = FaultLoop(call: call, extent: extent)
                let purging: TTLStore.Configuration.Purging = extent == .once ? .manual : .automatic
                met += try await loop.run(OpeningTrial(purging: purging) { try small.renewed().path }.meet)
                met += try await loop.run(OpeningTrial(purging: purging) { try small.removed().path }.meet)
                met += try await loop.run(OpeningTrial(purging: purging) { try small.renewed(old).path }.meet)
            }
            #expect(met > 0)
        }
    }

    @Test(
        "with failing system calls closing ends, leaves nothing open, and loses nothing",
        arguments: Fault.Call.allCases.filter { $0 != .open && $0 != .map })
    func closing(call: Fault.Call) async {
        await #expect(processExitsWith: .success) { [call] in
            try #require(Fault.install())
            var met = 0
            for extent in call.extents {
                for purging in [TTLStore.Configuration.Purging.manual, .automatic] {
                    let small = try await SmallStore(extent, call) { $0.purging = purging }
                    met += try await FaultLoop(call: call, extent: extent).run(ClosingTrial(small).meet)
                }
            }
            #expect(met > 0)
        }
    }
}

#endif
