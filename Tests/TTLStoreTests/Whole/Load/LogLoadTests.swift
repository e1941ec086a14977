import Foundation
import TTLTestSupport
import Testing

extension LoadTests {
    @Suite("A log and a file under load that does not pause") struct LogLoadTests {
        private static let logLimit = 4 << 20
        /// How much longer than its limit a log may be: by a group of commits, and by the writes until a reader has
        /// ended.
        private static let margin = 8 << 20
        private let folder: TemporaryFolder
        private let path: String

        init() throws {
            folder = try TemporaryFolder()
            path = folder("store.db")
        }

        @Test("the log stays short beside threads that read all the time", arguments: ["values", "counts"])
        func readers(kind: String) throws {
            let run = try LoadRun(
                "readers", path,
                [
                    "readers": 4, "values": kind == "values" ? 1 : 0, "entries": 100_000, "log": Self.logLimit,
                    "time": LoadTests.time,
                ])
            #expect(run["stored"] > 0 && run["read"] > 0, "\(run.tally)")
            #expect(run.sum("miscounted", "absent") == 0, "\(run.tally)")
            #expect(run["log"] <= Self.logLimit + Self.margin, "\(run.tally)")
            // Five of the scenario's own, and one that watches the log.
            run.expectFewThreads(besides: 6)
        }

        @Test(
            "the file stays as small as its live entries while short-lived keys are set without a pause",
            arguments: [
                (threads: 1, tasks: 0, batch: 0), (threads: 8, tasks: 0, batch: 0), (threads: 0, tasks: 1000, batch: 0),
                (threads: 1, tasks: 0, batch: 2000), (threads: 8, tasks: 0, batch: 500),
            ])
        func expiring(writers: (threads: Int, tasks: Int, batch: Int)) throws {
            let run = try LoadRun(
                "expiring", path,
                [
                    "threads": writers.threads, "tasks": writers.tasks, "batch": writers.batch, "log": Self.logLimit,
                    "time": LoadTests.time,
                ])
            #expect(run["stored"] > 0 && run["end.live"] > 0, "\(run.tally)")
            for when in ["half", "end"] {
                #expect(run["\(when).expired"] <= run["\(when).live"] + 15_000, "\(when): \(run.tally)")
            }
            // At half time the file need not hold as many expired entries as it may hold later: 15 fit on a page.
            #expect(run["end.pages"] <= run["half.pages"] * 11 / 10 + 15_000 / 15, "\(run.tally)")
            #expect(run["log"] <= Self.logLimit + Self.margin, "\(run.tally)")
            // The writers, the watching threads, and one that waits for the tasks.
            run.expectFewThreads(besides: writers.threads + 3)
        }
    }
}
