import Foundation
import TTLTestSupport
import Testing

@testable import TTLStore
@testable import ttl

@Suite("Who gets a lock") struct LockStateTests {
    @Test(
        "a place in a lock is a lease's name, and the other way round",
        arguments: [
            (LockPlace("deploy", .whole), "deploy"), (LockPlace("a b", .slot(2, of: 3)), "a b [2 of 3]"),
            (LockPlace("deploy", .shared(1)), "deploy [shared 1]"),
            (LockPlace("x [shared 1]", .waiting(12)), "x [shared 1] [waiting 12]"),
            (LockPlace("[]", .whole), "[]"), (LockPlace("a [b]", .whole), "a [b]"),
            (LockPlace("a [1 of 2", .whole), "a [1 of 2"), (LockPlace("a [-1 of 2]", .whole), "a [-1 of 2]"),
            (LockPlace("a [shared 99999999999999999999]", .whole), "a [shared 99999999999999999999]"),
            (LockPlace("a [shared]", .whole), "a [shared]"), (LockPlace("a [held 1]", .whole), "a [held 1]"),
            (LockPlace("[shared 1]", .whole), "[shared 1]"), (LockPlace("", .shared(1)), " [shared 1]"),
        ])
    func names(place: LockPlace, name: String) {
        #expect(place.leaseName == name)
        #expect(LockPlace(leaseName: name) == place)
    }

    @Test("a lock with the longest name leaves room for its longest place")
    func longest() {
        let name = String(repeating: "n", count: LockPlace.longestName)
        for role in [LockPlace.Role.slot(1000, of: 1000), .shared(10_000_000), .waiting(.max - 1)] {
            #expect(LockPlace(name, role).leaseName.utf8.count <= 1024 + (role == .waiting(.max - 1) ? 7 : 0))
        }
    }

    @Test("of any sequence of takers, there are never more holders than each of them allows")
    func limits() {
        var generator = SeededGenerator(seed: 11)
        for _ in 0..<300 {
            var leases: [TTLStore.Lease] = []
            for token in 1...40 as ClosedRange<Int64> {
                let state = LockState("job", leases)
                let all: [LockSharing] = [.exclusive, .slots(1), .slots(2), .slots(3), .shared]
                let sharing = all.randomElement(using: &generator)
                guard let sharing, state.admits(sharing) else {
                    leases.remove(at: leases.indices.randomElement(using: &generator) ?? 0)
                    continue
                }
                let name = state.freePlace(sharing).leaseName
                #expect(!leases.contains { $0.name == name })
                leases.append(lease(name, token))
                let holders = LockState("job", leases).holders
                #expect(holders.count == leases.count)
                for holder in holders { #expect(holders.count <= holder.role.limit ?? 0) }
            }
        }
    }

    @Test("a lock without holders is free for each, and a full one for none")
    func admission() {
        let all = [LockSharing.exclusive, .slots(2), .slots(3), .shared]
        func admitted(_ names: String...) -> [LockSharing] {
            let state = LockState("job", names.enumerated().map { lease($1, Int64($0)) })
            return all.filter(state.admits)
        }
        #expect(admitted() == all)
        #expect(admitted("other", "job2 [shared 1]", "job [a] [shared 1]") == all)
        #expect(admitted("job") == [])
        #expect(admitted("job [shared 1]") == [.slots(2), .slots(3), .shared])
        #expect(admitted("job [shared 1]", "job [shared 7]") == [.slots(3), .shared])
        #expect(admitted("job [1 of 2]") == [.slots(2), .slots(3), .shared])
        #expect(admitted("job [1 of 3]", "job [2 of 2]") == [])
        #expect(admitted("job [1 of 3]", "job [2 of 3]") == [.slots(3), .shared])
        #expect(admitted("job [waiting 1]") == all)
    }

    @Test("slots have the lowest free numbers, whatever number of slots their holders have asked for")
    func numbers() {
        let state = LockState("job", [lease("job [1 of 5]", 1), lease("job [3 of 4]", 2)])
        #expect(state.freePlace(.slots(4)) == LockPlace("job", .slot(2, of: 4)))
        #expect(state.freePlace(.shared) == LockPlace("job", .shared(2)))
        #expect(LockState("job", []).freePlace(.slots(1)) == LockPlace("job", .whole))
    }

    @Test("tickets come in the order of their tokens, and a newcomer last")
    func order() {
        let first = lease("job [waiting 9]", 5)
        let second = lease("job [waiting 1]", 7)
        let state = LockState("job", [second, lease("job", 6), first])
        #expect(state.waiting == [first, second])
        #expect(state.isFirst(first) && !state.isFirst(second) && !state.isFirst(nil))
        #expect(state.predecessor(of: second) == first)
        #expect(state.predecessor(of: nil) == second)
        #expect(state.obstacles(for: first, .exclusive).map(\.name) == ["job"])
        #expect(state.obstacles(for: second, .exclusive) == [first])
        #expect(state.obstacles(for: nil, .shared) == [second])
        #expect(state.nextTicket.leaseName == "job [waiting 10]")
        #expect(LockState("job", [first]).obstacles(for: first, .exclusive) == [])
    }

    @Test("names of locks are compared by their bytes")
    func bytes() {
        let state = LockState("e\u{301}", [lease("\u{e9}", 1), lease("\u{e9} [shared 1]", 2)])
        #expect(state.holders.isEmpty)
    }

    @Test("the owner of a lock names its process and its program, without a folder and without arguments")
    func owner() {
        let process = ProcessIdentity(id: 7, host: "alpha", start: 5, space: "b/1")
        let owner = LockOwner(process, running: "/usr/bin/make")
        #expect(owner.text == "process 7 on alpha, started 5 in b/1, runs make")
        #expect(LockOwner(owner.text).process == process && LockOwner(owner.text).program == "make")
        #expect(LockOwner(owner.text).shown == "process 7 on alpha runs make")
        let long = LockOwner(process, running: String(repeating: "é", count: 1000))
        #expect(long.text.utf8.count < 200 && long.process == process)
        #expect(LockOwner(process, running: "/").process == process)
        let other = LockOwner("process 7")
        #expect(other.process == nil && other.program == nil && other.shown == "process 7" && !other.hasEnded)
    }

    private func lease(_ name: String, _ token: Int64) -> TTLStore.Lease {
        TTLStore.Lease(name: name, owner: "owner", expiresAt: .distantFuture, token: token)
    }
}
