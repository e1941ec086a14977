import Testing

@testable import TTLStore

@Suite("The expirer's plan") struct ExpirerPlanTests {
    private let start = PlanSimulation.start

    private func moment(after milliseconds: Milliseconds) -> ExpirerPlan.Moment {
        .init(wall: start.wall + milliseconds, steady: start.steady + milliseconds)
    }

    /// A plan that has surveyed a file in which nothing is to be done.
    private func idlePlan(nextExpiry: Timestamp? = nil, pages: FilePages = FilePages()) -> ExpirerPlan {
        var plan = ExpirerPlan(openedAt: start)
        plan.surveyed(nextExpiry: nextExpiry, pages: pages, at: start)
        return plan
    }

    private func pages(total: Int, free: Int) -> FilePages {
        var pages = FilePages()
        pages.total = total
        pages.free = free
        return pages
    }

    // MARK: Sleeping

    @Test("a process that ends within the first moments wakes no thread")
    func firstSurvey() {
        let plan = ExpirerPlan(openedAt: start)
        #expect(plan.next(start) == .sleep(100))
        #expect(plan.next(moment(after: 99)) == .sleep(1))
        #expect(plan.next(moment(after: 100)) == .survey)
    }

    @Test("the expirer sleeps until the next expiry, and purges at that very millisecond")
    func untilExpiry() {
        let plan = idlePlan(nextExpiry: start.wall + 5000)
        #expect(plan.next(start) == .sleep(5000))
        #expect(plan.next(moment(after: 4999)) == .sleep(1))
        #expect(plan.next(moment(after: 5000)) == .purge)
    }

    @Test("an earlier expiry shortens the expirer's sleep, a later one does not lengthen it")
    func rearming() {
        var plan = idlePlan(nextExpiry: start.wall + 50_000)
        plan.armed(start.wall + 55_000)
        #expect(plan.next(start) == .sleep(50_000))
        plan.armed(start.wall + 200)
        #expect(plan.next(start) == .sleep(200))
        plan.armed(start.wall - 5)
        #expect(plan.next(start) == .purge)
    }

    @Test("the expirer looks at an idle store once a minute, for an hour")
    func idleHour() {
        var simulation = PlanSimulation()
        simulation.write(expiringAt: nil)
        simulation.write(expiringAt: simulation.now.wall + 10 * 86_400_000)
        simulation.run(for: 3_600_000)
        #expect(simulation.count(.survey) <= 61)
        #expect(simulation.sleeps.count <= 62)
        #expect(simulation.checkpoints == 1)
        #expect(simulation.count(.purge) == 0)
        #expect(simulation.count(.shrink) == 0)
    }

    @Test("entries that become due during a batch are collected, and are no backlog")
    func dueMeanwhile() {
        var plan = idlePlan(nextExpiry: start.wall)
        plan.purged(nextExpiry: start.wall, pages: FilePages(), isBacklog: false, pause: 6, at: start)
        #expect(plan.next(start) == .sleep(100))
        #expect(plan.next(moment(after: 100)) == .purge)
    }

    @Test("an expiry that another process wrote is found within a minute")
    func othersEntries() {
        var simulation = PlanSimulation()
        simulation.run(for: 1000)
        simulation.writeElsewhere(expiringAt: simulation.now.wall + 30_000)
        simulation.run(for: 60_000)
        #expect(simulation.expiries.isEmpty)
    }

    // MARK: Purging

    @Test("between two batches of a backlog, all that wait for the lock try again", arguments: 0...150)
    func pauses(held: Milliseconds) {
        var plan = idlePlan(nextExpiry: start.wall)
        let pause = BusyTimeout.pause(after: held)
        plan.purged(nextExpiry: start.wall - 1, pages: FilePages(), isBacklog: true, pause: pause, at: start)
        #expect(pause >= min(held, 20))
        #expect(plan.next(start) == .sleep(pause))
        #expect(plan.next(moment(after: pause)) == .purge)
    }

    @Test("others have the lock half of the time during a backlog of a million entries of one millisecond")
    func longBacklog() {
        var simulation = PlanSimulation()
        simulation.writeElsewhere(expiringAt: simulation.now.wall, count: 1_000_000)
        simulation.batch = (rows: 2000, held: 10)
        simulation.run(for: 20_000)
        #expect(simulation.expiries.isEmpty)
        #expect(simulation.count(.purge) == 500)
        #expect(simulation.sleeps.filter { $0 == 11 }.count >= 498)
        // Each batch makes 200 frames.
        #expect(simulation.checkpoints >= 500 * 200 / simulation.plan.settings.checkpointFrames)
    }

    @Test("while another process purges, the expirer waits for its lease to run out, and looks again")
    func purgeLease() {
        var plan = idlePlan(nextExpiry: start.wall)
        #expect(plan.next(start) == .purge)
        plan.purgeLeftToAnother(for: 1500, at: start)
        #expect(plan.next(start) == .sleep(1500))
        #expect(plan.next(moment(after: 1500)) == .purge)
        plan.purgeLeftToAnother(for: 0, at: moment(after: 1500))
        #expect(plan.next(moment(after: 1500)) == .sleep(1))
    }

    @Test("a purge that hurts nobody by it lets the log grow longer", arguments: [true, false])
    func longLog(mayLogGrow: Bool) {
        var plan = idlePlan(nextExpiry: start.wall)
        // The checkpoint that follows a survey.
        plan.checkpointed(isComplete: true, truncating: true, at: start)
        func frames(atWhichItIsCopied limit: Int) {
            plan.purged(
                nextExpiry: start.wall - 1, pages: FilePages(), isBacklog: true, mayLogGrow: mayLogGrow, pause: 11,
                at: start)
            plan.logGrew(to: limit - 1)
            #expect(plan.next(start) == .sleep(BusyTimeout.pause(after: 10)))
            plan.logGrew(to: limit)
            #expect(plan.next(start) == .checkpoint(truncating: false))
        }
        let settings = plan.settings
        frames(atWhichItIsCopied: mayLogGrow ? settings.purgeCheckpointFrames : settings.checkpointFrames)
        // At its end the log is as short as after other work.
        plan.purged(nextExpiry: nil, pages: FilePages(), isBacklog: false, mayLogGrow: mayLogGrow, pause: 11, at: start)
        plan.logGrew(to: settings.checkpointFrames)
        #expect(plan.next(start) == .checkpoint(truncating: false))
    }

    // MARK: The log

    @Test("a long log is copied at once, before more is purged")
    func checkpointFirst() {
        var plan = idlePlan(nextExpiry: start.wall, pages: pages(total: 1000, free: 900))
        plan.logGrew(to: plan.settings.checkpointFrames - 1)
        plan.checkpointed(isComplete: false, truncating: true, at: start)
        #expect(plan.next(start) == .sleep(10))
        #expect(plan.next(moment(after: 10)) == .purge)
        plan = idlePlan(nextExpiry: start.wall)
        plan.logGrew(to: plan.settings.checkpointFrames)
        #expect(plan.next(start) == .checkpoint(truncating: false))
        plan.checkpointed(isComplete: true, truncating: false, at: start)
        #expect(plan.next(moment(after: 10)) == .purge)
    }

    @Test("a purge waits for an overlong log, but not for ever")
    func overlongLog() {
        var plan = idlePlan(nextExpiry: start.wall)
        plan.logGrew(to: plan.settings.checkpointFrames * 2)
        var attempts = 0
        var now = start
        while plan.next(now) != .purge, attempts < 100 {
            if case .checkpoint = plan.next(now) {
                plan.checkpointed(isComplete: false, truncating: false, at: now)
                attempts += 1
            }
            now = ExpirerPlan.Moment(wall: now.wall + 10, steady: now.steady + 10)
        }
        #expect(attempts == 5)
    }

    @Test("a short log is copied once at the next look, and an empty one never")
    func idleCheckpoint() {
        var plan = idlePlan()
        #expect(plan.next(start) == .sleep(60_000))
        plan.logGrew(to: 1)
        #expect(plan.next(start) == .checkpoint(truncating: true))
        plan.checkpointed(isComplete: true, truncating: true, at: start)
        plan.logGrew(to: 1)
        #expect(plan.next(moment(after: 10)) == .sleep(59_990))
        #expect(plan.next(moment(after: 60_000)) == .survey)
    }

    @Test("a checkpoint that a reader keeps from finishing is tried again after a while, longer each time")
    func incompleteCheckpoint() {
        var simulation = PlanSimulation()
        simulation.checkpointOutcome = .incomplete
        simulation.write(expiringAt: nil, frames: simulation.plan.settings.checkpointFrames)
        simulation.run(for: 60_000)
        #expect((15...20).contains(simulation.checkpoints))
        simulation.checkpointOutcome = .complete
        simulation.forgetActions()
        simulation.run(for: 61_000)
        // One copies the log, and one at the next look cuts its file off.
        #expect(simulation.checkpoints == 2)
    }

    // MARK: Free pages

    @Test("an eighth of the file, and at least 64 pages, are kept free")
    func spareLimit() {
        #expect(pages(total: 100, free: 90).spareLimit == 64)
        #expect(pages(total: 9000, free: 1000).spareLimit == 1000)
        #expect(idlePlan(pages: pages(total: 164, free: 64)).next(start) == .sleep(60_000))
        #expect(idlePlan(pages: pages(total: 165, free: 65)).next(start) == .shrink)
    }

    @Test("free pages are given back after the purge, in steps with pauses of the same length")
    func shrinking() {
        var plan = idlePlan(nextExpiry: start.wall, pages: pages(total: 1000, free: 900))
        #expect(plan.next(start) == .purge)
        plan.purged(
            nextExpiry: nil, pages: pages(total: 1000, free: 900), isBacklog: false, pause: 11, at: start)
        #expect(plan.next(start) == .shrink)
        plan.shrunk(pages: pages(total: 900, free: 800), held: 7, at: start)
        #expect(plan.next(start) == .sleep(7))
        #expect(plan.next(moment(after: 7)) == .shrink)
        plan.armed(start.wall + 7)
        #expect(plan.next(moment(after: 99)) == .sleep(1))
        #expect(plan.next(moment(after: 100)) == .purge)
    }

    @Test("free pages that the file does not give back are left alone until the next look")
    func shrinkWithoutEffect() {
        var plan = idlePlan(pages: pages(total: 1000, free: 900))
        #expect(plan.next(start) == .shrink)
        plan.shrunk(pages: pages(total: 1000, free: 900), held: 5, at: start)
        #expect(plan.next(moment(after: 5)) == .sleep(59_995))
        #expect(plan.next(moment(after: 60_000)) == .survey)
        plan.surveyed(nextExpiry: nil, pages: pages(total: 1000, free: 900), at: moment(after: 60_000))
        #expect(plan.next(moment(after: 60_000)) == .shrink)
    }

    // MARK: Failures

    @Test("the expirer backs off after an error, twice as long each time, up to a minute")
    func backOff() {
        var simulation = PlanSimulation()
        simulation.fails = true
        simulation.writeElsewhere(expiringAt: simulation.now.wall)
        simulation.run(for: 600_000)
        #expect(simulation.sleeps.prefix(11) == [100, 100, 200, 400, 800, 1600, 3200, 6400, 12_800, 25_600, 51_200])
        #expect(simulation.sleeps.dropFirst(11).dropLast().allSatisfy { $0 == 60_000 })
        simulation.fails = false
        simulation.run(for: 61_000)
        #expect(simulation.expiries.isEmpty)
        simulation.fails = true
        simulation.write(expiringAt: simulation.now.wall)
        simulation.forgetActions()
        simulation.run(for: 1000)
        #expect(simulation.sleeps.prefix(3) == [100, 200, 400])
    }

    @Test("any number of errors leads to a wait of a minute, not to an overflow")
    func manyErrors() {
        var plan = idlePlan()
        for _ in 0..<100_000 { plan.failed(.purge, at: start) }
        plan.armed(start.wall)
        #expect(plan.next(start) == .sleep(60_000))
    }

    @Test("expired entries are purged also if the log can't be copied")
    func failingCheckpoint() {
        var plan = idlePlan(nextExpiry: start.wall)
        plan.logGrew(to: plan.settings.checkpointFrames)
        plan.failed(.checkpoint(truncating: false), at: start)
        #expect(plan.next(start) == .purge)
    }

    @Test("a log that was overwritten under load is cut off at the next look")
    func truncation() {
        var plan = idlePlan()
        plan.logGrew(to: plan.settings.checkpointFrames)
        #expect(plan.next(start) == .checkpoint(truncating: false))
        plan.checkpointed(isComplete: true, truncating: false, at: start)
        plan.surveyed(nextExpiry: nil, pages: FilePages(), at: start)
        #expect(plan.next(start) == .checkpoint(truncating: true))
        plan.checkpointed(isComplete: true, truncating: true, at: start)
        plan.surveyed(nextExpiry: nil, pages: FilePages(), at: start)
        #expect(plan.next(moment(after: 10)) == .sleep(59_990))
    }

    @Test("a log that is long again after each checkpoint does not keep other work away")
    func longLogAgain() {
        var plan = idlePlan(nextExpiry: start.wall)
        plan.outgrew()
        var done: [ExpirerPlan.Action] = []
        for time in Milliseconds(0)..<100 {
            plan.logGrew(to: plan.settings.checkpointFrames)
            let now = moment(after: time)
            let action = plan.next(now)
            switch action {
            case .checkpoint(let truncating): plan.checkpointed(isComplete: true, truncating: truncating, at: now)
            case .purge:
                plan.purged(nextExpiry: start.wall, pages: FilePages(), isBacklog: true, pause: 6, at: now)
            case .evict: plan.evicted(count: 1, pages: FilePages(), isOverLimit: true, pause: 6, at: now)
            default: break
            }
            done.append(action)
        }
        let batches = done.count { $0 == .purge || $0 == .evict }
        #expect(batches >= 5)
        #expect(done.count { $0 == .checkpoint(truncating: false) } >= 5)
    }
}
