import Foundation
import TTLTestSupport
import Testing

@testable import TTLStore

@Suite("Writers that share commits", .hangLimit) struct GroupCommitConcurrencyTests {
    private let folder: TemporaryFolder
    private let store: TTLStore

    init() throws {
        folder = try TemporaryFolder()
        store = try TTLStore(path: folder("store.db"))
    }

    @Test("writers that share commits each get their own result, in the order of the commits")
    func ownResults() throws {
        try store.set("present", "x")
        onThreads(16) { thread in
            do throws(TTLStoreError) {
                for number in 0..<100 {
                    let key = "\(thread):\(number)"
                    #expect(try store.set(key, number, when: .ifPresent) == .conditionNotMet)
                    #expect(try store.set(key, number, when: .ifAbsent) == .stored)
                    #expect(try store.set(key, number, when: .ifAbsent) == .conditionNotMet)
                    #expect(try store.get(key, as: Int.self) == number)
                    #expect(try store.touch(key, expiring: .after(.seconds(60))) == .touched)
                    #expect(try store.persist(key) == .madePermanent)
                    #expect(try store.persist(key) == .wasPermanent)
                    #expect(try store.remove(key))
                    #expect(try !store.remove(key))
                    #expect(try store.touch("absent", expiring: .never) == .absent)
                    #expect(try store.contains("present"))
                }
            } catch { Issue.record("\(error)") }
        }
        #expect(try store.count() == 1)
        store.close()
    }

    @Test("one of eight threads wins each key that all store if absent")
    func oneWinner() throws {
        let wins = (0..<100).map { _ in Counter() }
        onThreads(8) { thread in
            do throws(TTLStoreError) {
                for number in 0..<100 where try store.set("key:\(number)", thread, when: .ifAbsent) == .stored {
                    wins[number].add()
                    #expect(try store.get("key:\(number)", as: Int.self) == thread)
                }
            } catch { Issue.record("\(error)") }
        }
        #expect(wins.allSatisfy { $0.value == 1 })
        store.close()
    }

    @Test("one of many tasks and threads wins each key, and one takes each entry")
    func tasksAndThreads() async throws {
        let (wins, takes) = (Counter(), Counter())
        let store = store
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<32 {
                group.addTask {
                    do throws(TTLStoreError) {
                        for number in 0..<20 {
                            if try await store.set("key:\(number)", "x", when: .ifAbsent) == .stored { wins.add() }
                        }
                    } catch { Issue.record("\(error)") }
                }
            }
            onThreads(4) { _ in
                do throws(TTLStoreError) {
                    for number in 0..<20 where try store.set("key:\(number)", "x", when: .ifAbsent) == .stored {
                        wins.add()
                    }
                } catch { Issue.record("\(error)") }
            }
        }
        #expect(wins.value == 20)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<32 {
                group.addTask {
                    for number in 0..<20 where (try? await store.remove("key:\(number)")) == true { takes.add() }
                }
            }
        }
        #expect(takes.value == 20)
        await store.close()
    }

    @Test("hundreds of writers share commits, and the error of one reaches no other")
    func largeGroups() throws {
        // More writers than one group holds; some of them fail in the middle of it.
        let (stored, failed) = (Counter(), Counter())
        try store.onThreadsSharingCommits(200) { thread in
            do throws(TTLStoreError) {
                if thread % 10 == 0 {
                    try store.engine.write("fail") { writer in
                        // A named constraint of the file refuses it.
                        try writer.connection.execute("INSERT INTO entries (key, value) VALUES ('', 'x')")
                    }
                } else {
                    try store.set("key:\(thread)", thread)
                    stored.add()
                }
            } catch {
                #expect(thread % 10 == 0 && error.code == .database, "\(error)")
                failed.add()
            }
        }
        #expect(stored.value == 180 && failed.value == 20)
        #expect(try store.count() == 180)
        #expect(try store.membersOfLastCommit() == 200 - 128)
        store.close()
    }

    @Test("writers that share commits let the expirer take its turns, and lose no wake-up")
    func mixedTurns() throws {
        onThreads(12) { thread in
            do throws(TTLStoreError) {
                for number in 0..<150 {
                    switch thread % 4 {
                    case 0: _ = try store.purgeExpired()
                    case 1: _ = try store.engine.shrink(patience: Patience(busyTimeout: 1000))
                    case 2: try store.set("brief:\(thread):\(number)", "x", expiring: .after(.milliseconds(1)))
                    default: try store.set("kept:\(thread):\(number)", "x")
                    }
                }
            } catch { Issue.record("\(error)") }
        }
        #expect(try store.count(.prefix("kept:")) == 3 * 150)
        store.close()
    }

    @Test("a read of a task does not wait for a purge, also with one reader")
    func readsSideBySide() async throws {
        let clock = ManualClock()
        var configuration = TTLStore.Configuration()
        configuration.clock = clock.wallClock
        configuration.purging = .manual
        configuration.maximumReaders = 1
        let store = try await TTLStore(path: folder("other.db"), configuration: configuration)
        try await store.set("key", "value", expiring: .after(.seconds(1)))
        try await store.set("other", "value")
        clock.advance(by: .seconds(1))
        let (begun, passed) = (Counter(), Counter())
        async let purge = store.purgeExpired { _ in
            begun.add()
            #expect(eventually { passed.value > 0 })
        }
        #expect(await eventuallyWithoutBlocking { begun.value > 0 })
        for _ in 0..<20 { #expect(try await store.get("other") == "value") }
        passed.add()
        let purged = try await purge
        #expect(purged == 1)
        await store.close()
    }

    @Test("writers in memory take turns with readers, and none starves")
    func memory() throws {
        let store = try TTLStore.inMemory()
        onThreads(8) { thread in
            do throws(TTLStoreError) {
                for number in 0..<200 {
                    try store.set("\(thread):\(number)", number)
                    #expect(try store.get("\(thread):\(number)", as: Int.self) == number)
                }
            } catch { Issue.record("\(error)") }
        }
        #expect(try store.count() == 1600)
        store.close()
    }
}
