import TTLTestSupport
import Testing

@testable import TTLStore

@Suite("Threads for the work of tasks") struct WorkersConcurrencyTests {
    @Test("a brief wait is tried as long as it succeeds, and after failures only now and then")
    func briefWaits() {
        var waits = BriefWaits()
        func tries(of count: Int, succeed: Bool) -> Int {
            (0..<count).count { _ in
                guard waits.mayTry() else { return false }
                waits.note(hasSucceeded: succeed)
                return true
            }
        }
        guard BriefWaits.areUseful else {
            #expect(tries(of: 100, succeed: true) == 0)
            return
        }
        #expect(tries(of: 100, succeed: true) == 100)
        #expect(tries(of: 1000, succeed: false) < 40)
        // One success among the rare tries, and it is tried again.
        #expect((0..<200).contains { _ in waits.mayTry() })
        waits.note(hasSucceeded: true)
        #expect(tries(of: 100, succeed: true) == 100)
    }

    @Test("a brief wait ends without its event, and as soon as it comes")
    func limit() {
        #expect(!BriefWaits.wait { false })
        var looks = 0
        #expect(
            BriefWaits.wait {
                looks += 1
                return looks == 3
            })
        #expect(looks == 3)
    }

    @Test("each job is done once, by threads awake or asleep, for one task or many", arguments: [1, 2, 8, 100])
    func jobs(tasks: Int) async throws {
        let threads = OwnedThreads()
        let timekeeper = Timekeeper(threads: threads)
        let workers = Workers(name: "test", limit: 3, threads: threads, timekeeper: timekeeper)
        let done = Counter()
        let sum = try await withThrowingTaskGroup(of: Int.self) { group in
            for task in 0..<tasks {
                group.addTask {
                    var sum = 0
                    for number in 0..<4000 / tasks {
                        // Now and then longer than a thread stays awake.
                        if number % 50 == task % 50 { try await Task.sleep(for: .microseconds(200)) }
                        sum += try await workers.run("test", patience: 60_000) {
                            done.add()
                            return number
                        }
                    }
                    return sum
                }
            }
            return try await group.reduce(0, +)
        }
        let each = 4000 / tasks
        #expect(sum == tasks * each * (each - 1) / 2)
        #expect(done.value == tasks * each)
        #expect(threads.count <= 4)
        workers.close()
        timekeeper.close()
        threads.join()
        await #expect(throws: TTLStoreError.self) { try await workers.run("test", patience: 0) {} }
    }
}
