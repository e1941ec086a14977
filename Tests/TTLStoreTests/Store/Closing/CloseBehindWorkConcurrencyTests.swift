import Foundation
import TTLTestSupport
import Testing

@testable import TTLStore

@Suite("Closing a store that is at work", .hangLimit) struct CloseBehindWorkConcurrencyTests {
    private let folder: TemporaryFolder
    private let path: String

    init() throws {
        folder = try TemporaryFolder()
        path = folder("store.db")
    }

    @Test("close from inside the callback takes effect when the callback has returned")
    func insideCallback() throws {
        let holder = StoreHolder()
        var configuration = TTLStore.Configuration()
        configuration.onExpirerActivity = { _ in
            holder.store?.close()
            holder.store?.close()
            holder.callbacks.add()
        }
        let store = try TTLStore(path: path, configuration: configuration)
        holder.store = store
        try store.set("key", "value", expiring: .after(.milliseconds(1)))
        #expect(eventually { holder.callbacks.value > 0 })
        // Another thread's close waits for the thread to finish.
        store.close()
        #expect(Census.descriptors(below: folder.path) == 0)
        expectFailure(.closed) { try store.get("key") as String? }
        holder.store = nil
    }

    @Test("a store is closed when its last reference goes inside the callback")
    func droppedInsideCallback() throws {
        let holder = StoreHolder()
        var configuration = TTLStore.Configuration()
        configuration.onExpirerActivity = { _ in
            holder.store = nil
            holder.callbacks.add()
        }
        do {
            let store = try TTLStore(path: path, configuration: configuration)
            holder.store = store
            try store.set("key", "value", expiring: .after(.milliseconds(1)))
        }
        #expect(eventually { holder.callbacks.value > 0 })
        #expect(eventually { Census.descriptors(below: folder.path) == 0 })
    }

    @Test("close interrupts a read over many rows, which throws closed")
    func longRead() throws {
        try makeBacklog(path, dead: 0, kept: 1000)
        let store = try TTLStore(path: path)
        let begun = Counter()
        onThreads(2) { number in
            if number == 0 {
                expectFailure(.closed) {
                    try store.engine.read("count") { reader in
                        begun.add()
                        // A thousand million rows.
                        _ = try reader.connection.integer("SELECT count(*) FROM entries a, entries b, entries c")
                    }
                }
            } else {
                #expect(eventually { begun.value > 0 })
                store.close()
            }
        }
        #expect(Census.descriptors(below: folder.path) == 0)
    }

    @Test("close interrupts a write over many rows, which throws closed and has changed nothing")
    func longWrite() throws {
        try makeBacklog(path, dead: 0, kept: 1000)
        let store = try TTLStore(path: path)
        let begun = Counter()
        onThreads(3) { number in
            if number == 0 {
                expectFailure(.closed) {
                    try store.engine.write("write") { writer in
                        begun.add()
                        try writer.connection.execute(
                            """
                            UPDATE entries SET tag = 'x'
                            WHERE id > (SELECT -count(*) FROM entries a, entries b, entries c)
                            """)
                    }
                }
            } else {
                #expect(eventually { begun.value > 0 })
                if number == 1 { store.close() } else { expectFailure(.closed) { try store.set("key", "x") } }
            }
        }
        #expect(Census.descriptors(below: folder.path) == 0)
        #expect(try ChildProcess.sqlite3(path, "SELECT count(*), count(tag) FROM entries").text == "1000|0\n")
    }

    @Test("close ends a long read that has the only reader, while the thread waits for that to purge", arguments: 0..<4)
    func onlyReader(round: Int) throws {
        let clock = ManualClock()
        var configuration = TTLStore.Configuration()
        configuration.clock = clock.wallClock
        configuration.maximumReaders = 1
        let store = try TTLStore(path: path, configuration: configuration)
        try store.set("due", "value", expiring: .after(.seconds(60)))
        let begun = Counter()
        onThreads(2) { thread in
            if thread == 0 {
                expectFailure(.closed) {
                    try store.engine.read("count") { reader in
                        begun.add()
                        // Takes minutes.
                        return try reader.connection.integer(
                            """
                            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000000)
                            SELECT count(*) FROM n
                            """)
                    }
                }
            } else {
                #expect(eventually { begun.value > 0 })
                clock.advance(by: .seconds(61))
                store.engine.wakeExpirer()
                // In most rounds the thread waits for the reader by now.
                usleep(UInt32(round * 60_000))
                store.close()
            }
        }
        expectFailure(.closed) { try store.count() }
        #expect(Census.descriptors(below: folder.path) == 0)
        try expectIntact(path)
    }
}
