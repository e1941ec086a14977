import Synchronization
import TTLTestSupport
import Testing

@testable import TTLStore

extension CommitQueue {
    /// How many writes wait for the one that has the turn.
    var requestsWaiting: Int { waiting.load(ordering: .relaxed) }
}

extension TTLStore {
    /// Runs `body`, which writes once, on that many threads. Nothing is committed before all of them wait, so they
    /// share commits.
    func onThreadsSharingCommits(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) throws {
        let queue = try engine.writingQueue("hold")
        let begun = Counter()
        onThreads(count + 1) { thread in
            guard thread == count else {
                #expect(eventually { begun.value > 0 })
                return body(thread)
            }
            #expect(throws: Never.self) {
                try queue.withTurn("hold") { _ in
                    begun.add()
                    #expect(eventually { queue.requestsWaiting == count })
                }
            }
        }
    }

    /// How many writes shared the last commit.
    func membersOfLastCommit() throws -> Int {
        let queue = try engine.writingQueue("look")
        return try queue.withTurn("look") { _ in queue.lastMembers }
    }
}
