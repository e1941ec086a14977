#if compiler(>=6.3)
import Testing

@Suite("When calls to the system fail during maintenance") struct MaintenanceFaultTests {
    @Test(
        "with failing system calls maintenance succeeds, or says what failed and leaves the store as it was",
        arguments: Fault.Call.allCases.filter { $0 != .map })
    func operations(call: Fault.Call) async {
        await #expect(processExitsWith: .success) { [call] in
            try #require(Fault.install())
            for kind in MaintenanceOperation.Kind.allCases {
                var met = 0
                for extent in call.extents {
                    let operation = MaintenanceOperation(
                        kind: kind, form: extent == .once ? .synchronous : .suspending)
                    let trial = try await MaintenanceTrial(operation, SmallStore(extent, call))
                    met += try await FaultLoop(call: call, extent: extent).run(trial.meet)
                }
                #expect(met > 0 || kind.isSpared(call), "\(kind) makes no \(call)")
            }
        }
    }
}

extension MaintenanceOperation.Kind {
    /// Whether it never makes that call.
    fileprivate func isSpared(_ call: Fault.Call) -> Bool {
        switch call {
        case .write, .diskFull, .sync: self == .check
        case .truncate: self != .vacuum
        default: false
        }
    }
}
#endif
