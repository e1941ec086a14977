import TTLStore

/// What is known of a command's run, for people and scripts.
struct RunStatus {
    let plan: RunPlan
    let location: StoreLocation

    private struct Report: Encodable {
        let cached: Bool
        /// Seconds.
        var age: Double?
        var left: Double?
        var stale: Bool?
        var status: Int32?
        /// Who runs the command at this moment.
        var running: String?
    }

    /// - Throws: exit status 1 where there is no run to be replayed.
    func print(asJSON: Bool) throws {
        try Output.requireOpen()
        let (found, holder) = try location.withStore(for: .reading, missing: (nil, nil)) { store in
            (try plan.find(in: store), try RunLease.holder(plan.key, in: store)?.owner)
        }
        try asJSON ? Output.print(try JSONLine.bytes(report(found, holder))) : Output.print(line: text(found, holder))
        if found == nil { throw Ending.notFound }
    }

    private func report(_ found: RunPlan.Found?, _ holder: String?) -> Report {
        guard let found else { return Report(cached: false, running: holder) }
        return Report(
            cached: true, age: seconds(found.age), left: seconds(found.left), stale: plan.isStale(found),
            status: found.run.status, running: holder)
    }

    private func seconds(_ duration: Duration) -> Double { Double(DurationFormat.milliseconds(duration)) / 1000 }

    private func text(_ found: RunPlan.Found?, _ holder: String?) -> String {
        let running = holder.map { ", being run by \($0)" } ?? ""
        guard let found else { return "not stored\(running)" }
        let stale = plan.isStale(found) ? ", stale" : ""
        let (age, left) = (DurationFormat.text(found.age), DurationFormat.text(found.left))
        return "stored \(age) ago, \(left) left\(stale), exit status \(found.run.status)\(running)"
    }
}
