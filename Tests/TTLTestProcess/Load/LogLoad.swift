import Foundation
import TTLStore
import TTLTestSupport

/// `readers` threads read without a pause beside one that sets, for `time` milliseconds. values=1: values of 15 MB,
/// otherwise they count `entries` entries. Tallies reads and sets, and as `log` the longest log in bytes.
@Sendable func runReaders(_ load: Load) throws {
    let readsValues = load["values"] == 1
    if readsValues {
        try load.fill(4, prefix: "row", value: .bytes([UInt8](repeating: 7, count: 15_000_000)))
    } else {
        try load.fill(load["entries"], prefix: "row", value: .text("row"))
    }
    let store = try load.open()
    let watch = LogWatch(load.path)
    let deadline = Deadline(milliseconds: load["time"])
    let value = String(repeating: "v", count: 200)
    onThreads(load["readers"] + 1) { thread in
        var number = 0
        while !deadline.isOver {
            number += 1
            if thread == 0 {
                load.tally.noteBlocking { "\(try store.set("set:\(number % 10_000)", value))" }
            } else if readsValues {
                load.tally.noteBlocking {
                    try store.get("row:\(thread % 4)", as: TTLStore.Value.self) == nil ? "absent" : "read"
                }
            } else {
                load.tally.noteBlocking { try store.count(.prefix("row")) == load["entries"] ? "read" : "miscounted" }
            }
        }
    }
    load.tally.add(watch.stop(), to: "log")
    store.close()
}
