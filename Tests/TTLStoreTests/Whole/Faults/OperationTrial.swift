import TTLTestSupport
import Testing

@testable import TTLStore

/// An operation on a small store while calls to the system fail.
struct OperationTrial {
    private let operation: Operation
    private let small: SmallStore
    /// Whether there is a consumer of removals and their values.
    private let isWatched: Bool
    private let before: StoreState
    private let after: StoreState
    /// The outcome without a fault, which may be an error too, e.g. since the value is of the wrong kind.
    private let usual: Outcome
    /// The state after a write that went on although it could not make room.
    private let overfull: StoreState?

    private struct Outcome {
        var error: TTLStoreError?
        var removals: [TTLStore.Removal]?
    }

    /// - Parameter evicts: whether the operation evicts.
    init(_ operation: Operation, _ small: SmallStore, isWatched: Bool, evicts: Bool = false) async throws {
        self.operation = operation
        self.small = small
        self.isWatched = isWatched
        let store = try await small.open()
        before = try StoreState(store, since: small.revisions)
        let removals = isWatched ? try store.store.removals(includingValues: true) : nil
        usual = Outcome(error: await operation.failure(store, small), removals: removals?.takeBuffered())
        after = try StoreState(store, since: small.revisions)
        overfull = evicts ? after.keepingAll(of: before) : nil
        await store.close()
    }

    /// The keys of the entries that leave without a fault.
    var removedKeys: [String]? { usual.removals?.map(\.key) }

    /// - Returns: how many calls have failed.
    func meet(_ fault: Fault) async throws -> Int {
        let store = try await small.open()
        let removals = isWatched ? try store.store.removals(includingValues: true) : nil
        fault.begin()
        let error = await operation.failure(store, small)
        if fault.lastsUntilClosed { await store.close() }
        let failures = Fault.end()
        let outcome = Outcome(error: error, removals: removals?.takeBuffered())
        let comment = Comment("\(operation) of \(small.subject), \(fault): \(error?.description ?? "no error")")
        if failures == 0 { #expect(error?.code == usual.error?.code, comment) }
        do {
            if fault.lastsUntilClosed {
                try await expectKept(store, outcome, comment)
            } else {
                try await expectUsable(store, outcome, fault, comment)
                withExtendedLifetime(removals) {}
            }
        } catch { Issue.record(error, comment) }
        return failures
    }

    /// The file, after a fault that has lasted until the store was closed.
    private func expectKept(_ store: StoreUnderTest, _ outcome: Outcome, _ comment: Comment) async throws {
        #expect(store.descriptors == 0, comment)
        let reopened = try store.reopened()
        let state = try StoreState(reopened, since: small.revisions)
        expect(state, outcome, mayHoldLease: operation.computes, comment)
        #expect(try reopened.integrity() == "ok", comment)
        await reopened.close()
    }

    /// The store, without being opened again.
    private func expectUsable(
        _ store: StoreUnderTest, _ outcome: Outcome, _ fault: Fault, _ comment: Comment
    ) async throws {
        var state = try StoreState(store, since: small.revisions)
        // A caller that computes a value gives the lease back after an error, if that can be written.
        expect(state, outcome, mayHoldLease: operation.computes && fault.extent == .lasting, comment)
        if state == before {
            #expect(await operation.failure(store, small)?.code == usual.error?.code, comment)
            #expect(try StoreState(store, since: small.revisions) == after, comment)
            state = after
        } else {
            #expect(try await store.set("probe", "value") == .stored, comment)
            #expect(try await store.get("probe") == "value", comment)
            state = try StoreState(store, since: small.revisions)
        }
        await store.close()
        #expect(store.descriptors == 0, comment)
        let reopened = try store.reopened()
        #expect(try StoreState(reopened, since: small.revisions) == state, comment)
        #expect(try reopened.integrity() == "ok", comment)
        await reopened.close()
    }

    private func expect(
        _ state: StoreState, _ outcome: Outcome, mayHoldLease: Bool, _ comment: Comment
    ) {
        func isAs(_ expected: StoreState) -> Bool {
            mayHoldLease ? state.hasEntries(of: expected) : state == expected
        }
        let (hasSucceeded, isUnknown) = (outcome.error == nil, outcome.error?.isOutcomeUnknown ?? false)
        // A purge keeps the batches before the error.
        let mayHaveHappened = hasSucceeded || isUnknown || operation == .purgeExpired
        let isOverfull = state == overfull
        // If the file can't be used, a value is computed all the same, and a stale one served as it is.
        let mayHaveNot = !hasSucceeded || operation.computes
        #expect((mayHaveHappened && (isAs(after) || isOverfull)) || (mayHaveNot && isAs(before)), comment)
        let isUnstored = operation.computes && isAs(before)
        let isReported =
            (hasSucceeded && !isOverfull && !isUnstored) || (operation == .purgeExpired && state == after)
        #expect(outcome.removals == (isReported ? usual.removals : usual.removals.map { _ in [] }), comment)
    }
}

extension Operation {
    fileprivate func failure(_ store: StoreUnderTest, _ small: SmallStore) async -> TTLStoreError? {
        do {
            try await run(store, SmallStore.key, small.remembered)
            return nil
        } catch let error as TTLStoreError {
            return error
        } catch {
            Issue.record("\(self): \(error) is no TTLStoreError")
            return nil
        }
    }

    private var commitsChanges: Bool {
        switch self {
        case .getOrCompute: true
        case .touchKeeping, .rolledBack: false
        default: writes
        }
    }

    var computes: Bool { self == .getOrCompute || self == .refresh }

    /// The subjects of the operation: all of them for few faults; for many faults a relevant one, chosen anew in each
    /// run. With `TTL_EVERY_FAULT=1` in the environment always all of them.
    func subjects(_ call: Fault.Call, _ extent: Fault.Extent) -> [SmallStore.Subject] {
        let isSampled = (extent == .lasting || call == .memory) && !Fault.triesEvery
        guard isSampled, let subject = tellingSubjects.randomElement() else {
            return isAboutKeys ? SmallStore.Subject.allCases : [.text]
        }
        return [subject]
    }

    private var isAboutKeys: Bool { self != .statistics && self != .purgeExpired && !isAboutLease }

    private var tellingSubjects: [SmallStore.Subject] {
        switch self {
        case .set, .setText, .setEncodable, .exchange, .setAll, .transaction, .update: [.text, .absent, .expired]
        case .setIfAbsent, .setAllIfAbsent, .getOrCompute: [.absent, .expired]
        case .increment, .decrement: [.integer, .absent, .expired]
        default: [.text]
        }
    }

    /// Whether there is a subject with which the operation makes that call.
    func makes(_ call: Fault.Call) -> Bool {
        switch call {
        case .read, .lock, .memory: true
        // The first connection that reads is opened when it is needed.
        case .open: !writes
        case .write, .diskFull, .sync: commitsChanges
        // The log's index is mapped already, and the log cut off when the store closes.
        case .truncate, .map: false
        }
    }
}
