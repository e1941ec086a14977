import Foundation
import TTLStore
import TTLTestSupport

/// `tasks` tasks do `rounds` rounds each: a set of `size` bytes, and with reads=1 a get, an increment of a key that all
/// share, and a removal.
///
/// reader=1: another connection keeps one read transaction open meanwhile. backup=TIME: a backup runs, whose closure
/// takes TIME microseconds each time. close=NUMBER: a task closes the store after so many operations. Tallies the
/// operations by their result or error, and as `ended` the tasks that have ended.
@Sendable func runTasks(_ load: Load) throws {
    if load["backup"] > 0 {
        try load.fill(load["rows"], prefix: "row", value: .text(String(repeating: "r", count: 3000)))
    }
    let store = try load.open()
    let reader = load["reader"] == 1 ? try Plain(load.path) : nil
    if load["reader"] == 1 { try store.set("first", "value") }
    try reader?.execute("BEGIN; SELECT count(*) FROM entries")
    let operations = Counter()
    untilDone {
        await withTaskGroup(of: Void.self) { group in
            if load["backup"] > 0 { group.addTask { await backUp(store, load) } }
            for task in 0..<load["tasks"] {
                group.addTask {
                    await runRounds(store, load, task, operations)
                    load.tally.add(to: "ended")
                }
            }
            if load["close"] > 0 { group.addTask { await close(store, load, after: operations) } }
        }
        await store.close()
    }
    reader?.close()
}

private func runRounds(_ store: TTLStore, _ load: Load, _ task: Int, _ operations: Counter) async {
    let value = String(repeating: "v", count: load["size"])
    for round in 0..<load["rounds"] {
        let key = "\(task):\(round)"
        var steps: [@Sendable () async throws -> String] = [
            { "\(try await store.set(key, value, expiring: .after(.seconds(3600))))" }
        ]
        if load["reads"] == 1 {
            steps += [
                { try await store.get(key) == nil ? "absent" : "found" },
                { try await store.increment("count") > 0 ? "counted" : "uncounted" },
                { try await store.remove(key) ? "removed" : "absent" },
            ]
        }
        for step in steps {
            operations.add()
            guard await load.tally.note(step) else { return }
        }
    }
}

private func backUp(_ store: TTLStore, _ load: Load) async {
    let pause = UInt32(load["backup"])
    do {
        try await store.backup(to: load.path + ".backup") { _ in
            load.tally.add(to: "backup.calls")
            usleep(pause)
        }
        load.tally.add(to: "backup.done")
    } catch { load.tally.add(to: "backup." + Tally.name(of: error)) }
}

/// Not by polling: tasks may have only one thread.
private func close(_ store: TTLStore, _ load: Load, after operations: Counter) async {
    _ = await eventuallyWithoutBlocking {
        operations.value >= load["close"] && (load["backup"] == 0 || load.tally["backup.calls"] > 0)
    }
    await store.close()
    load.tally.add(to: "closings")
}
