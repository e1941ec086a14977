import Foundation
import TTLTestSupport
import Testing

extension LoadTests {
    @Suite("A closure of the program that does not return") struct StuckClosureTests {
        private let folder: TemporaryFolder
        private let path: String

        init() throws {
            folder = try TemporaryFolder()
            path = folder("store.db")
        }

        /// The operation or setting to which the closure belongs.
        enum Kind: String, CaseIterable {
            case activity, removals, backup, check, vacuum, purge, transaction, compute

            var holdsWriter: Bool { self == .vacuum || self == .transaction }

            /// Whether the contract lets `close()` wait for it.
            var delaysClose: Bool { self != .removals && self != .compute }
        }

        @Test(
            "other operations end beside a closure that does not return, and so does close() once it may",
            arguments: Kind.allCases)
        func blocking(kind: Kind) throws { try run(kind, suspending: false) }

        @Test(
            "other operations end beside twenty tasks whose closures do not return", arguments: Kind.allCases,
            TaskPool.allCases)
        func suspending(kind: Kind, pool: TaskPool) throws { try run(kind, suspending: true, pool) }

        private func run(_ kind: Kind, suspending: Bool, _ pool: TaskPool = .usual) throws {
            let run = try LoadRun(
                "stuck", path, pool: pool,
                [
                    kind.rawValue: 1, "suspending": suspending ? 1 : 0, "count": suspending ? 20 : 1,
                    // If no closure holds the writer, others wait for moments, even on a slow machine.
                    "busy": kind.holdsWriter ? 300 : 4000, "limit": 30_000, "early": kind.delaysClose ? 0 : 1,
                ])
            #expect(run["closure.hung"] == 0)
            for name in ["get", "count", "statistics"] { expect(run, name, ["ok"]) }
            for name in ["set", "increment", "transaction"] { expect(run, name, [kind.holdsWriter ? "busy" : "ok"]) }
            // If the file can't be written, a value is computed and not stored. One of the two callers of the key waits
            // for the other, and for less time than that one waits for the file.
            expect(run, "compute", kind == .compute ? ["timedOut"] : kind.holdsWriter ? ["ok", "timedOut"] : ["ok"])
            for name in ["purge", "backup", "check", "vacuum"] { expect(run, name, ["ok", "busy"]) }
            #expect(run["close.ok"] == 1, "\(run.tally)")
            #expect(run["own.hung"] == 0, "\(run.tally)")
            // The scenario's own blocking operations, and the threads that close the store and wait.
            run.expectFewThreads(besides: 24)
        }

        /// In both forms.
        private func expect(_ run: LoadRun, _ name: String, _ outcomes: Set<String>) {
            for operation in [name, name + ".async"] {
                let found = outcomes.reduce(0) { $0 + run["\(operation).\($1)"] }
                #expect(found == 1, "\(operation) ends with neither of \(outcomes): \(run.tally)")
            }
        }
    }
}
