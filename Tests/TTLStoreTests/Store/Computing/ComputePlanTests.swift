import Testing

@testable import TTLStore

@Suite("The steps of a caller of getOrCompute") struct ComputePlanTests {
    private let value = Value.integer(1)

    @Test("a caller gets a fresh value, and a stale one while another caller computes")
    func serving() {
        var plan = ComputePlan(patience: 0)
        #expect(plan.next(.fresh(value, writtenAt: 0), waited: 0) == .serve(value))
        #expect(plan.next(.stale(value, isHeld: true), waited: 0) == .serve(value))
        #expect(plan.next(.fresh(value, writtenAt: 0), waited: .max) == .serve(value))
    }

    @Test("claims what nobody computes, however long it has waited")
    func acquiring() {
        var plan = ComputePlan(patience: 5)
        for waited: Milliseconds in [0, 4, 5, .max] {
            #expect(plan.next(.stale(value, isHeld: false), waited: waited) == .acquireLease)
            #expect(plan.next(.absent(isHeld: false), waited: waited) == .acquireLease)
        }
    }

    @Test("a caller pauses for longer and longer, up to 20 ms, and never beyond the deadline")
    func waiting() {
        var plan = ComputePlan(patience: 1000)
        let pauses = (0..<7).map { _ in plan.next(.absent(isHeld: true), waited: 0) }
        #expect(pauses == [1, 2, 4, 8, 16, 20, 20].map { .wait($0) })
        #expect(plan.next(.absent(isHeld: true), waited: 993) == .wait(7))
        #expect(plan.next(.absent(isHeld: true), waited: 999) == .wait(1))
        #expect(plan.next(.absent(isHeld: true), waited: 1000) == .giveUp)
        #expect(plan.next(.absent(isHeld: true), waited: .max) == .giveUp)
    }

    @Test("a caller without patience gives up at once")
    func impatient() {
        var plan = ComputePlan(patience: 0)
        #expect(plan.next(.absent(isHeld: true), waited: 0) == .giveUp)
    }
}
