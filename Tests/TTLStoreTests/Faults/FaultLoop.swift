import TTLTestSupport
import Testing

@testable import TTLStore

/// Runs an operation again and again, with the first, the second, the third … call to the system failing, until none
/// fails.
struct FaultLoop {
    let operation: Operation
    let call: Fault.Call
    let extent: Fault.Extent
    let small: SmallStore
    private let before: StoreState
    private let after: StoreState
    /// Of an operation that fails without a fault too, e.g. since the value is of the wrong kind.
    private let usualError: TTLStoreError.Code?

    init(_ operation: Operation, _ call: Fault.Call, _ extent: Fault.Extent, _ small: SmallStore) async throws {
        self.operation = operation
        self.call = call
        self.extent = extent
        self.small = small
        let store = try await small.open()
        before = try StoreState(store)
        usualError = await FaultLoop.error(operation, store)?.code
        after = try StoreState(store)
        await store.close()
    }

    func run() async throws {
        var fault = Fault(call: call, extent: extent, first: 1)
        while try await meetsFault(fault) {
            fault = fault.next
            try #require(fault.first < 100_000, "\(operation) never meets the last \(call)")
        }
    }

    private static func error(_ operation: Operation, _ store: StoreUnderTest) async -> TTLStoreError? {
        do {
            try await operation.run(store, SmallStore.key)
            return nil
        } catch let error as TTLStoreError {
            return error
        } catch {
            Issue.record("\(operation): \(error) is no TTLStoreError")
            return nil
        }
    }

    private func meetsFault(_ fault: Fault) async throws -> Bool {
        let store = try await small.open()
        fault.begin()
        let error = await FaultLoop.error(operation, store)
        if fault.lastsUntilClosed { await store.close() }
        let failures = Fault.end()
        let comment = Comment("\(operation), \(fault): \(error?.description ?? "no error")")
        if failures == 0 { #expect(error?.code == usualError, comment) }
        do {
            if !fault.lastsUntilClosed { try await expectUsable(store, error, comment) }
            #expect(store.descriptors == 0, comment)
            try await expectKept(store, error, comment)
        } catch { Issue.record(error, comment) }
        return failures > 0
    }

    /// The store after the fault, without being opened again.
    private func expectUsable(_ store: StoreUnderTest, _ error: TTLStoreError?, _ comment: Comment) async throws {
        expectState(try StoreState(store), error, comment)
        #expect(try await store.set("probe", "value") == .stored, comment)
        #expect(try await store.get("probe") == "value", comment)
        #expect(try await store.remove("probe"), comment)
        await store.close()
    }

    /// The file.
    private func expectKept(_ store: StoreUnderTest, _ error: TTLStoreError?, _ comment: Comment) async throws {
        let reopened = try store.reopened()
        expectState(try StoreState(reopened), error, comment)
        #expect(try reopened.integrity() == "ok", comment)
        await reopened.close()
    }

    private func expectState(_ state: StoreState, _ error: TTLStoreError?, _ comment: Comment) {
        let mayHaveHappened = error.map { $0.isOutcomeUnknown || operation.hasSteps } ?? true
        let mayHaveNot = error != nil || operation.hasSteps
        #expect((mayHaveHappened && state == after) || (mayHaveNot && state == before), comment)
    }
}

extension Operation {
    /// True for a purge, which keeps the batches before a failure, and for those that are preceded or followed by a
    /// look at all entries, which may meet the fault instead.
    fileprivate var hasSteps: Bool { self == .purgeExpired || clockReadings > 2 }
}
