import TTLStore

/// What is known of a command's run, for people and scripts.
struct RunStatus {
    let query: RunQuery
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

    enum Form {
        case text, json
        /// Only the exit status tells.
        case none
    }

    /// - Throws: exit status 1 where there is no run to be replayed.
    func print(as form: Form) throws {
        if form != .none { try Output.requireOpen() }
        let (found, holder) = try location.withStore(for: .reading, missing: (nil, nil)) { store in
            (try query.find(in: store), try RunLease.holder(query.key, in: store)?.owner)
        }
        switch form {
        case .text: try Output.print(line: text(found, holder))
        case .json: try Output.print(try JSONLine.bytes(report(found, holder)))
        case .none: break
        }
        if found == nil { throw Ending.notFound }
    }

    private func report(_ found: RunQuery.Found?, _ holder: String?) -> Report {
        guard let found else { return Report(cached: false, running: holder) }
        return Report(
            cached: true, age: seconds(found.age), left: seconds(found.left), stale: query.isStale(found),
            status: found.run.status, running: holder)
    }

    private func seconds(_ duration: Duration) -> Double { Double(DurationFormat.milliseconds(duration)) / 1000 }

    private func text(_ found: RunQuery.Found?, _ holder: String?) -> String {
        let running = holder.map { ", being run by \($0)" } ?? ""
        guard let found else { return "not stored\(running)" }
        let stale = query.isStale(found) ? ", stale" : ""
        let (age, left) = (DurationFormat.text(found.age), DurationFormat.text(found.left))
        return "stored \(age) ago, \(left) left\(stale), exit status \(found.run.status)\(running)"
    }
}
