import TTLStore
import TTLTestSupport

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// All operations of a store, on a damaged file. Each step may fail with the library's error, and with no other.
struct DamageTrial {
    /// When the entries of `DamageTrial.makeOrigin` have been written, and the first of them has not yet expired.
    static let begin: Int64 = 1_800_000_000_000
    private static let entries = 120

    private let store: TTLStore
    private let path: String
    private var generator: SeededGenerator
    /// The first error that is not the library's.
    private(set) var complaint: String?
    /// The codes of the library's errors.
    private(set) var codes: Set<String> = []

    /// - Parameter seed: of the settings, and of the order of the steps.
    init(_ path: String, seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed ^ 0x5EED)
        var configuration = TTLStore.Configuration()
        // Half of the entries that expire have expired.
        configuration.clock = ManualClock(start: DamageTrial.begin + 60_000).wallClock
        configuration.busyTimeout = .milliseconds(200)
        configuration.purging = Bool.random(using: &generator) ? .automatic : .manual
        if Int.random(in: 0..<4, using: &generator) == 0 { configuration.maximumEntries = 60 }
        if Int.random(in: 0..<4, using: &generator) == 0 { configuration.maximumBytes = 256 << 10 }
        if Int.random(in: 0..<8, using: &generator) == 0 { configuration.access = .readOnly }
        store = try TTLStore(path: path, configuration: configuration)
        self.path = path
        self.generator = generator
    }

    mutating func run() {
        let backup = path + "-backup"
        let steps = DamageTrial.steps.shuffled(using: &generator)
        for step in steps + [{ try $0.backup(to: backup) }, { _ = try $0.check() }] { attempt(step) }
        store.close()
        attempt { _ = try $0.get("k") }
    }

    private mutating func attempt(_ step: (TTLStore) throws -> Void) {
        do { try step(store) } catch let error as TTLStoreError { codes.insert(error.code.description) } catch {
            complaint = "\(error)"
        }
    }

    private static func key(_ number: Int) -> String { "key:\(number)" }

    private static let steps: [@Sendable (TTLStore) throws -> Void] = [
        { store in for number in 0..<entries { _ = try store.get(key(number), as: TTLStore.Value.self) } },
        { store in for number in 0..<entries { _ = try? store.get(key(number), as: TTLStore.Value.self) } },
        { store in for number in 0..<entries { _ = try store.entry(key(number)) } },
        { store in
            var cursor: TTLStore.Cursor?
            repeat { cursor = try store.keys(limit: 7, after: cursor).next } while cursor != nil
        },
        { store in
            var cursor: TTLStore.Cursor?
            repeat { cursor = try store.entries(limit: 9, after: cursor).next } while cursor != nil
        },
        { store in
            var cursor: TTLStore.Cursor?
            repeat { cursor = try store.entries(.tag("tag"), limit: 5, after: cursor).next } while cursor != nil
        },
        { store in
            var row: Int64?
            repeat { row = try store.salvage(limit: 50, after: row).next } while row != nil
        },
        { store in try store.allSummaries(.all, expired: true).forEach { _ in } },
        { store in try store.allSummaries(.tag("tag"), expired: false).forEach { _ in } },
        { store in _ = try (store.count(), store.count(.prefix("key:1")), store.count(.tag("tag"))) },
        { store in _ = try store.getAll((0..<entries).map(key), as: TTLStore.Value.self) },
        { store in _ = try store.statistics() },
        { store in for number in 0..<20 { try store.set("new:\(number)", "value", expiring: .after(.seconds(9))) } },
        { store in for number in 0..<20 { try store.set(key(number * 5), "again", tag: "tag") } },
        { store in for number in 0..<5 { try store.set("large:\(number)", [UInt8](repeating: 1, count: 20_000)) } },
        { store in try store.setAll((0..<30).map { .init("batch:\($0)", .integer(1)) }) },
        { store in
            for number in 0..<entries {
                _ = try store.touch(
                    key(number), expiring: .after(.seconds(99)), when: .ifRemainingLess(than: .seconds(50)))
            }
        },
        { store in for number in 0..<20 { try store.touch(key(number), expiring: .after(.seconds(7))) } },
        { store in for number in 0..<20 { try store.persist(key(number)) } },
        { store in _ = try store.increment("number") },
        { store in _ = try store.exchange(key(3), "other") },
        { store in _ = try store.take(key(4)) },
        { store in for number in stride(from: 0, to: entries, by: 3) { try store.remove(key(number)) } },
        { store in _ = try store.update(key(7), as: String.self) { $0 = "updated" } },
        { store in
            try store.transaction { transaction in
                _ = try transaction.get(key(8))
                try transaction.set(key(9), "in a transaction")
            }
        },
        { store in
            let lease = try store.acquireLease("job", for: .seconds(5))
            if let lease { _ = try (store.renew(lease, for: .seconds(9)), store.release(lease)) }
        },
        { store in for number in 0..<20 { _ = try store.acquireLease("job:\(number)", for: .seconds(5)) } },
        { store in _ = try store.getOrCompute("computed", as: String.self) { "value" } },
        { store in _ = try store.getOrCompute(key(12), staleAfter: .seconds(1)) { "value" } },
        { store in try store.removeAll(.tag("tag")) },
        { store in try store.removeAll(.prefix("key:2")) },
        { store in try store.purgeExpired() },
        { store in try store.purgeExpired() },
        { store in _ = try store.check() },
        { store in try store.vacuum() },
    ]

    // MARK: What is damaged

    /// A store as a killed process leaves it: some entries are in the file, some in the log.
    static func makeOrigin(_ path: String) throws {
        let clock = ManualClock(start: begin)
        var configuration = TTLStore.Configuration()
        configuration.clock = clock.wallClock
        configuration.purging = .manual
        configuration.maximumEntries = 10_000
        let first = try TTLStore(path: path, configuration: configuration)
        try fill(first, 0..<entries)
        // Free pages.
        for number in 0..<20 { try first.set("gone:\(number)", [UInt8](repeating: 2, count: 5000)) }
        try first.removeAll(.prefix("gone:"))
        first.close()
        let second = try TTLStore(path: path, configuration: configuration)
        try fill(second, 50..<90)
        _ = Unmanaged.passRetained(second)
    }

    private static func fill(_ store: TTLStore, _ numbers: Range<Int>) throws {
        for number in numbers {
            let expiry: TTLStore.Expiry = number % 3 == 0 ? .never : .after(.seconds(Int64(number)))
            let value: TTLStore.Value =
                switch number % 5 {
                case 0: .bytes([UInt8](repeating: UInt8(number), count: 100 * number))
                case 1: .integer(Int64(number))
                default: .text(String(repeating: "value ", count: number))
                }
            try store.set(key(number), value, expiring: expiry, tag: number % 4 == 0 ? "tag" : nil)
        }
        for number in 0..<12 { _ = try store.acquireLease("lease:\(number)", for: .seconds(10 * Int64(number + 1))) }
    }
}

let damageCommands: [String: Command] = [
    // PATH: makes the files that the next command damages, and ends without closing the store.
    "damage-origin": { arguments in
        try DamageTrial.makeOrigin(arguments[0])
        say("made")
        _exit(0)
    },
    // ORIGIN FOLDER: for each seed of its input, damages a copy of the files and tries everything with it. Prints
    // "SEED description" before, and "ended", with the codes of errors, or "complaint" with one of another kind.
    "damage": { arguments in
        while let line = readLine() {
            guard let seed = UInt64(line) else { continue }
            let path = arguments[1] + "/\(seed).db"
            var damage = Damage(seed: seed)
            try damage.copy(from: arguments[0], to: path)
            say("\(seed) \(damage)")
            say(tryAll(path, seed: seed))
            for suffix in Damage.suffixes + ["-journal", "-backup"] { unlink(path + suffix) }
        }
    },
    // PATH: tries everything with that file; prints the same as the command before, with "refused" in the place of
    // "ended" where it isn't opened.
    "hostile": { arguments in say(tryAll(arguments[0], seed: UInt64(arguments[1]) ?? 0)) },
]

private func tryAll(_ path: String, seed: UInt64) -> String {
    do {
        var trial = try DamageTrial(path, seed: seed)
        trial.run()
        if let complaint = trial.complaint { return "complaint \(complaint)" }
        return (["ended"] + trial.codes.sorted()).joined(separator: " ")
    } catch let error as TTLStoreError {
        return "refused \(error.code) \(error.message)"
    } catch { return "complaint \(error)" }
}
