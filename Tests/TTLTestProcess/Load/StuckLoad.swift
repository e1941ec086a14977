import Foundation
import TTLStore
import TTLTestSupport

/// The program's own closures do not return: with activity=1, removals=1, backup=1, check=1, vacuum=1, purge=1,
/// transaction=1 or compute=1 those of this kind, `count` of them where the program itself begins the operation; with
/// suspending=1 in its asynchronous form. Other threads and tasks call operations meanwhile. Tallies each as
/// NAME.OUTCOME, where an outcome is "ok", the error's code, or "hung" if the operation has not ended after `limit`
/// milliseconds. Then closes the store, lets the closures return, and tallies the closing and the operations to which
/// the closures belong (`own`).
///
/// With early=1 the store must be closed before the closures return: its contract does not let it wait for them.
@Sendable func runStuck(_ load: Load) throws {
    let closures = StuckClosures(load)
    try load.fill(3000, prefix: "row", value: .text(String(repeating: "r", count: 300)))
    let store = try load.open(closures.configure)
    let own = Attempts(closures.operations)
    try store.set("expiring", "value", expiring: .after(.milliseconds(20)))
    try store.set("key", "value")
    try store.set("removed", "value")
    try store.remove("removed")
    own.begin(on: store)
    let limit = Double(load["limit"]) / 1000
    guard eventually(within: limit, { closures.inside.value > 0 }) else { return load.tally.add(to: "closure.hung") }
    // A vacuum keeps the others from writing while it lasts.
    for operations in [otherOperations(besides: load.path), vacuums] {
        let others = Attempts(operations)
        others.begin(on: store)
        others.wait(limit, load.tally)
    }
    let closing = Attempts([
        ("close", load["suspending"] == 1 ? .suspending { await $0.close() } : .blocking { $0.close() })
    ])
    closing.begin(on: store)
    if load["early"] == 0 { closures.letGo() }
    closing.wait(limit, load.tally)
    closures.letGo()
    own.wait(limit, load.tally)
}

/// Keeps the closures inside until they may return.
private struct StuckClosures: Sendable {
    /// How many have been called.
    let inside = Counter()
    private let releases = Counter()
    private let load: Load

    init(_ load: Load) { self.load = load }

    func letGo() { releases.add() }

    private func stay() {
        inside.add()
        while releases.value == 0 { usleep(1000) }
    }

    private func staySuspended() async {
        inside.add()
        while releases.value == 0 { try? await Task.sleep(for: .milliseconds(1)) }
    }

    func configure(_ configuration: inout TTLStore.Configuration) {
        if load["activity"] == 1 { configuration.onExpirerActivity = { _ in stay() } }
        // Otherwise the thread could be the first to purge.
        if load["purge"] == 1 { configuration.purging = .manual }
        if load["removals"] == 1 { configuration.onRemovals = { _ in stay() } }
    }

    /// The operations that call the closures.
    var operations: [Attempts.Operation] {
        (0..<max(load["count"], 1)).flatMap { number in
            kinds(number).filter { load[$0.name] == 1 }.map {
                ("own", load["suspending"] == 1 ? .suspending($0.suspending) : .blocking($0.blocking))
            }
        }
    }

    private struct Kind {
        let name: String
        let blocking: Attempts.Blocking
        let suspending: Attempts.Suspending
    }

    private func kinds(_ number: Int) -> [Kind] {
        let copy = "\(load.path).stuck-\(number)"
        return [
            Kind(
                name: "backup", blocking: { try $0.backup(to: copy) { _ in stay() } },
                suspending: { try await $0.backup(to: copy) { _ in stay() } }),
            Kind(
                name: "check", blocking: { _ = try $0.check { _ in stay() } },
                suspending: { _ = try await $0.check { _ in stay() } }),
            Kind(
                name: "vacuum", blocking: { _ = try $0.vacuum { _ in stay() } },
                suspending: { _ = try await $0.vacuum { _ in stay() } }),
            Kind(
                name: "purge",
                blocking: { store in
                    try store.set("due:\(number)", "value", expiring: .after(.milliseconds(1)))
                    usleep(5000)
                    try store.purgeExpired { _ in stay() }
                },
                suspending: { store in
                    try await store.set("due:\(number)", "value", expiring: .after(.milliseconds(1)))
                    try await Task.sleep(for: .milliseconds(5))
                    try await store.purgeExpired { _ in stay() }
                }),
            Kind(
                name: "transaction", blocking: { try $0.transaction { _ in stay() } },
                suspending: { try await $0.transaction { _ in stay() } }),
            Kind(
                name: "compute",
                blocking: { store in
                    _ = try store.getOrCompute("stuck:\(number)") {
                        stay()
                        return "value"
                    }
                },
                suspending: { store in
                    _ = try await store.getOrCompute("stuck:\(number)") {
                        await staySuspended()
                        return "value"
                    }
                }),
        ]
    }
}

/// Each in both forms.
private func otherOperations(besides path: String) -> [Attempts.Operation] {
    let patience = TTLStore.ComputeOptions(timeout: .milliseconds(300))
    return [
        ("get", .blocking { _ = try $0.get("key") }),
        ("get.async", .suspending { _ = try await $0.get("key") }),
        ("count", .blocking { _ = try $0.count() }),
        ("count.async", .suspending { _ = try await $0.count() }),
        ("statistics", .blocking { _ = try $0.statistics() }),
        ("statistics.async", .suspending { _ = try await $0.statistics() }),
        ("set", .blocking { try $0.set("other", "value") }),
        ("set.async", .suspending { try await $0.set("other", "value") }),
        ("increment", .blocking { _ = try $0.increment("number") }),
        ("increment.async", .suspending { _ = try await $0.increment("number") }),
        ("transaction", .blocking { try $0.transaction { _ = try $0.set("inside", "value") } }),
        ("transaction.async", .suspending { try await $0.transaction { _ = try $0.set("inside", "value") } }),
        ("compute", .blocking { _ = try $0.getOrCompute("stuck:0", options: patience) { "value" } }),
        ("compute.async", .suspending { _ = try await $0.getOrCompute("stuck:0", options: patience) { "value" } }),
        ("purge", .blocking { _ = try $0.purgeExpired() }),
        ("purge.async", .suspending { _ = try await $0.purgeExpired() }),
        ("backup", .blocking { try $0.backup(to: path + ".backup-1") }),
        ("backup.async", .suspending { try await $0.backup(to: path + ".backup-2") }),
        ("check", .blocking { _ = try $0.check() }),
        ("check.async", .suspending { _ = try await $0.check() }),
    ]
}

private var vacuums: [Attempts.Operation] {
    [
        ("vacuum", .blocking { _ = try $0.vacuum() }),
        ("vacuum.async", .suspending { _ = try await $0.vacuum() }),
    ]
}

/// Operations that begin at the same time and may never end, each on a thread or in a task of its own.
private final class Attempts: Sendable {
    typealias Operation = (name: String, form: Form)
    typealias Blocking = @Sendable (TTLStore) throws -> Void
    typealias Suspending = @Sendable (TTLStore) async throws -> Void

    enum Form: Sendable {
        case blocking(Blocking)
        case suspending(Suspending)
    }

    private let operations: [Operation]
    private let outcomes: [Collected<String>]

    init(_ operations: [Operation]) {
        self.operations = operations
        outcomes = operations.map { _ in Collected() }
    }

    func begin(on store: TTLStore) {
        for (operation, outcome) in zip(operations, outcomes) {
            switch operation.form {
            case .blocking(let run):
                Thread {
                    do {
                        try run(store)
                        outcome.append("ok")
                    } catch { outcome.append(Tally.name(of: error)) }
                }.start()
            case .suspending(let run):
                Task {
                    do {
                        try await run(store)
                        outcome.append("ok")
                    } catch { outcome.append(Tally.name(of: error)) }
                }
            }
        }
    }

    /// Waits until all have ended, for so many seconds at most.
    func wait(_ limit: TimeInterval, _ tally: Tally) {
        _ = eventually(within: limit) { outcomes.allSatisfy { !$0.all.isEmpty } }
        for (operation, outcome) in zip(operations, outcomes) {
            tally.add(to: "\(operation.name).\(outcome.all.first ?? "hung")")
        }
    }
}
