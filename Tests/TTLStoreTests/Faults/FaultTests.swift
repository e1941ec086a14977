#if compiler(>=6.3)
    // Tests that run in a process of their own, with an argument, came with Swift 6.3.
    import TTLStore
    import Testing

    @Suite("When calls to the system fail") struct FaultTests {
        @Test(
            "every operation succeeds or says what failed, and the store goes on",
            arguments: Fault.Call.allCases)
        func operations(call: Fault.Call) async {
            await #expect(processExitsWith: .success) { [call] in
                try #require(Fault.install())
                for extent in call.extents {
                    let small = try await SmallStore(extent == .lasting ? .suspending : .synchronous)
                    for operation in Operation.allCases {
                        try await FaultLoop(operation, call, extent, small).run()
                    }
                }
            }
        }

        @Test(
            "opening a file or making one succeeds or says what failed, and leaves nothing open",
            arguments: Fault.Call.allCases)
        func opening(call: Fault.Call) async {
            await #expect(processExitsWith: .success) { [call] in
                try #require(Fault.install())
                let small = try await SmallStore(.synchronous)
                for extent in call.extents {
                    let opening = OpeningLoop(call, extent, extent == .once ? .manual : .automatic)
                    try opening.run { try small.renewed().path }
                    try opening.run { try small.removed().path }
                }
            }
        }
    }
#endif
