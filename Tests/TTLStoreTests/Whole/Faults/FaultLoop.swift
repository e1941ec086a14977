import Testing

/// Runs a trial again and again, with the first, the second, the third … call to the system failing, until none fails.
struct FaultLoop {
    let call: Fault.Call
    let extent: Fault.Extent

    /// - Parameter trial: returns how many calls have failed.
    /// - Returns: how many have failed in all.
    func run(_ trial: (Fault) async throws -> Int) async throws -> Int {
        var fault = Fault(call: call, extent: extent, first: 1)
        var met = 0
        while true {
            let failures = try await trial(fault)
            guard failures > 0 else { return met }
            met += failures
            fault = fault.next
            try #require(fault.first < 100_000, "the last \(call) is never met")
        }
    }
}
