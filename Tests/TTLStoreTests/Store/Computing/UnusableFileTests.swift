import Foundation
import TTLTestSupport
import Testing

@testable import TTLStore

@Suite("Get or compute where the file can't be used") struct UnusableFileTests {
    private static let strict = ComputeOptions(requiresStoring: true)

    /// Runs `body` while another process keeps the write lock.
    private func locked(_ store: StoreUnderTest, _ body: () async throws -> Void) async throws {
        let holder = try otherProcess("hold", store.path)
        #expect(holder.readLine() == "held")
        try await body()
        holder.kill(SIGKILL)
        holder.wait()
    }

    @Test("a locked store computes and returns the value, and counts the failure", arguments: Setting.Form.allCases)
    func lockedStore(form: Setting.Form) async throws {
        let store = try Setting(form: form, place: .file).open { $0.busyTimeout = .zero }
        try await locked(store) {
            #expect(try await store.getOrCompute("k") { "new" } == "new")
            let statistics = try await store.statistics()
            #expect(statistics.uncachedComputations == 1 && statistics.failures == 1)
            #expect(statistics.lastError?.code == .busy)
            await expectFailure(.busy) {
                try await store.getOrCompute("k", options: UnusableFileTests.strict) { "new" }
            }
            #expect(try await store.statistics().failures == 1)
        }
        #expect(try await store.contains("k") == false)
        #expect(try await store.getOrCompute("k") { "later" } == "later")
        #expect(try await store.get("k") == "later")
    }

    @Test("a computed value that can't be stored is returned", arguments: Setting.Form.allCases)
    func unstored(form: Setting.Form) async throws {
        let store = try Setting(form: form, place: .file).open { $0.busyTimeout = .zero }
        for options in [ComputeOptions(), UnusableFileTests.strict] {
            let holders = Holders()
            let path = try store.path
            let compute = { @Sendable in
                try holders.start(path)
                return "new"
            }
            if options.requiresStoring {
                await expectFailure(.busy) { try await store.getOrCompute("strict", options: options, compute) }
            } else {
                #expect(try await store.getOrCompute("k", options: options, compute) == "new")
            }
            holders.end()
        }
        let statistics = try await store.statistics()
        #expect(statistics.uncachedComputations == 2 && statistics.lastError?.code == .busy)
        #expect(try await store.count() == 0)
    }

    @Test("a stale value is served without the lease, unless it expires meanwhile")
    func stale() async throws {
        let store = try Setting.inFile.open { $0.busyTimeout = .zero }
        try await store.set("k", "stale", expiring: .after(.seconds(20)))
        store.clock.advance(by: .seconds(10))
        try await locked(store) { () async throws in
            for options in [ComputeOptions(), UnusableFileTests.strict] {
                #expect(
                    try await store.getOrCompute("k", staleAfter: .seconds(10), options: options) { "new" } == "stale")
            }
            store.clock.advance(by: .seconds(10))
            #expect(try await store.getOrCompute("k", staleAfter: .seconds(10)) { "new" } == "new")
        }
    }

    @Test("a read-only store returns stored values, and computes others", arguments: Setting.Form.allCases)
    func readOnly(form: Setting.Form) async throws {
        let writable = try Setting(form: form, place: .file).open()
        try await writable.set("k", "v")
        let store = try writable.reopened { $0.access = .readOnly }
        let runs = Counter()
        func ask(
            _ key: String, staleAfter: Duration? = nil, _ options: ComputeOptions = ComputeOptions()
        ) async throws -> String {
            try await store.getOrCompute(key, staleAfter: staleAfter, options: options) {
                runs.add()
                return "computed"
            }
        }
        #expect(try await ask("k") == "v")
        store.clock.advance(by: .seconds(10))
        #expect(try await ask("k", staleAfter: .seconds(10)) == "v")
        #expect(runs.value == 0)
        #expect(try await ask("other") == "computed")
        await expectFailure(.readOnlyStore) { try await ask("other", UnusableFileTests.strict) }
        #expect(runs.value == 1)
        let statistics = try await store.statistics()
        #expect(statistics.uncachedComputations == 1 && statistics.failures == 0)
    }

    @Test("a store whose file was removed goes on computing", arguments: Setting.Form.allCases)
    func removedFile(form: Setting.Form) async throws {
        let store = try Setting(form: form, place: .file).open()
        try await store.set("k", "v")
        for suffix in ["", "-wal", "-shm"] { try FileManager.default.removeItem(atPath: store.path + suffix) }
        #expect(try await store.getOrCompute("other") { "new" } == "new")
        #expect(store.store.engine.activity.snapshot.uncachedComputations == 1)
    }

    @Test("a mistake of the caller is an error in any case", arguments: Setting.Form.allCases)
    func programmingErrors(form: Setting.Form) async throws {
        let store = try Setting(form: form, place: .file).open {
            $0.busyTimeout = .zero
            $0.maximumValueSize = 100
        }
        try await locked(store) {
            await expectFailure(.encodingFailed) { try await store.getOrCompute("k") { Double.nan } }
            await expectFailure(.valueTooLarge) {
                try await store.getOrCompute("k") { String(repeating: "x", count: 101) }
            }
            await expectFailure(.invalidExpiry) { try await store.getOrCompute("k", expiring: .after(.zero)) { "v" } }
            await #expect(throws: CancellationError.self) {
                try await store.getOrCompute("k", as: String.self) { throw CancellationError() }
            }
        }
        #expect(try await store.statistics().uncachedComputations == 0)
    }

    @Test(
        "getOrCompute returns the value also on a full disk",
        .enabled(if: SmallDisk.isPermitted, "a small tmpfs can't be mounted here"))
    func fullDisk() throws {
        let disk = try SmallDisk()
        let store = try TTLStore(path: disk.path + "/store.db")
        expectFailure(.diskFull) {
            for number in 0..<10_000 { try store.set("\(number)", String(repeating: "x", count: 1000)) }
        }
        for number in 0..<100 {
            let value = String(repeating: "y", count: 1000)
            #expect(try store.getOrCompute("computed:\(number)") { value } == value)
        }
        let statistics = store.engine.activity.snapshot
        #expect(statistics.uncachedComputations > 50 && statistics.lastError?.code == .diskFull)
        store.close()
    }

    @Test("getOrCompute goes on after errors of the file, and throws all others", arguments: [true, false])
    func recourse(isStrict: Bool) {
        let (value, absent) = (Value.integer(1), ComputePlan.Sighting.absent(isHeld: false))
        let stale = ComputePlan.Sighting.stale(value, isHeld: false)
        func error(_ code: TTLStoreError.Code) -> TTLStoreError { TTLStoreError(code, "", in: "test") }
        for code in [
            TTLStoreError.Code.diskFull, .ioError, .corrupt, .outOfMemory, .database, .cannotOpen, .permissionDenied,
            .readOnlyFile, .readOnlyFolder, .readOnlyStore, .notADatabase, .foreignFile, .newerSchema, .fileReplaced,
            .severalNames, .logElsewhere, .busy,
        ] {
            let isLocked = code == .busy
            #expect(
                Recourse(readingFailed: error(code), isStrict: isStrict)
                    == (isStrict ? .fail : isLocked ? .compute : .acquireLease))
            #expect(
                Recourse(acquiringFailed: error(code), at: absent, isStrict: isStrict) == (isStrict ? .fail : .compute))
            let isServed = !isStrict || [.busy, .diskFull, .readOnlyStore].contains(code)
            #expect(
                Recourse(acquiringFailed: error(code), at: stale, isStrict: isStrict) == (isServed ? .serve : .fail))
        }
        for code in [
            TTLStoreError.Code.closed, .forked, .reentrant, .timedOut, .wrongThread, .transactionEnded, .invalidKey,
            .invalidTag, .invalidExpiry, .invalidArgument, .encodingFailed, .decodingFailed, .valueTooLarge, .wrongKind,
            .numberOverflow, .invalidConfiguration, .fileExists,
        ] {
            #expect(Recourse(readingFailed: error(code), isStrict: isStrict) == .fail)
            #expect(Recourse(acquiringFailed: error(code), at: stale, isStrict: isStrict) == .fail)
        }
    }

    #if compiler(>=6.3)
    @Test(
        "getOrCompute returns the value whichever system call fails",
        arguments: [Fault.Call.read, .write, .diskFull, .open, .memory])
    func faults(call: Fault.Call) async {
        await #expect(processExitsWith: .success) { [call] in
            try #require(Fault.install())
            for extent in call.extents {
                let small = try await SmallStore(extent, call, .absent)
                let met = try await FaultLoop(call: call, extent: extent).run { fault in
                    let store = try await small.open()
                    fault.begin()
                    let value = try? await store.getOrCompute(SmallStore.key) { "computed" }
                    let failures = Fault.end()
                    #expect(value == "computed", "\(fault)")
                    await store.close()
                    return failures
                }
                #expect(met > 0)
            }
        }
    }
    #endif
}

/// Processes that keep the write lock of a file.
private final class Holders: @unchecked Sendable {
    // Sendable: started by the one closure that runs, and ended when it has returned.
    private var processes: [ChildProcess] = []

    func start(_ path: String) throws {
        let holder = try otherProcess("hold", path)
        #expect(holder.readLine() == "held")
        processes.append(holder)
    }

    func end() {
        for process in processes {
            process.kill(SIGKILL)
            process.wait()
        }
        processes = []
    }
}
