import Foundation
import TTLTestSupport
import Testing

extension LoadTests {
    @Suite("Thousands of tasks that use one store") struct TaskLoadTests {
        private static let smallestLog = 1 << 20
        private let folder: TemporaryFolder
        private let path: String

        init() throws {
            folder = try TemporaryFolder()
            path = folder("store.db")
        }

        @Test("thousands of tasks write to their end with the smallest log", arguments: TaskPool.allCases)
        func shortLog(pool: TaskPool) throws {
            let rounds = 100 * LoadTests.factor
            let run = try LoadRun(
                "tasks", path, pool: pool,
                ["tasks": 400, "rounds": rounds, "size": 200, "log": Self.smallestLog])
            #expect(run["ended"] == 400)
            #expect(run.sum("stored", "busy") == 400 * rounds, "\(run.tally)")
            run.expectFewThreads()
            try expectIntact(path)
        }

        @Test(
            "thousands of tasks write to their end beside a reader of another program that stays",
            arguments: TaskPool.allCases)
        func longReader(pool: TaskPool) throws {
            let rounds = 200 * LoadTests.factor
            let run = try LoadRun(
                "tasks", path, pool: pool, ["tasks": 600, "rounds": rounds, "size": 200, "reader": 1])
            #expect(run["ended"] == 600)
            #expect(run.sum("stored", "busy") == 600 * rounds, "\(run.tally)")
            run.expectFewThreads()
            try expectIntact(path)
        }

        @Test("thousands of tasks end when the store is closed beside a slow backup", arguments: TaskPool.allCases)
        func closedBesideBackup(pool: TaskPool) throws {
            let run = try LoadRun(
                "tasks", path, pool: pool,
                [
                    "tasks": 1000, "rounds": 1_000_000, "size": 1000, "rows": 8000, "backup": 300_000,
                    "close": 80_000 * LoadTests.factor,
                ])
            #expect(run["ended"] == 1000 && run["closed"] == 1000 && run["closings"] == 1, "\(run.tally)")
            #expect(run.sum("backup.closed", "backup.done") == 1, "\(run.tally)")
            #expect(run.tally.keys.allSatisfy(Self.outcomes.union(Self.ends).contains), "\(run.tally)")
            run.expectFewThreads()
            try expectIntact(path)
        }

        /// The events beside 5,000 tasks that write and read.
        enum Company: CaseIterable {
            case none, reader, backup
        }

        @Test("thousands of tasks write and read to their end", arguments: Company.allCases, TaskPool.allCases)
        func mixed(company: Company, pool: TaskPool) throws {
            let rounds = 4 * LoadTests.factor
            let run = try LoadRun(
                "tasks", path, pool: pool,
                [
                    "tasks": 5000, "rounds": rounds, "size": 200, "reads": 1, "log": Self.smallestLog,
                    "reader": company == .reader ? 1 : 0, "rows": 4000, "backup": company == .backup ? 20_000 : 0,
                ])
            #expect(run["ended"] == 5000)
            #expect(run["backup.done"] == (company == .backup ? 1 : 0), "\(run.tally)")
            #expect(
                run.sum("stored", "found", "absent", "counted", "removed", "busy") == 5000 * rounds * 4,
                "\(run.tally)")
            run.expectFewThreads()
            try expectIntact(path)
        }

        @Test(
            "thousands of tasks end with success or closed when the store is closed meanwhile",
            arguments: TaskPool.allCases)
        func closed(pool: TaskPool) throws {
            let run = try LoadRun(
                "tasks", path, pool: pool,
                [
                    "tasks": 5000, "rounds": 1_000_000, "size": 200, "reads": 1, "log": Self.smallestLog,
                    "close": 20_000 * LoadTests.factor,
                ])
            #expect(run["ended"] == 5000 && run["closed"] == 5000 && run["closings"] == 1, "\(run.tally)")
            #expect(run.tally.keys.allSatisfy(Self.outcomes.union(Self.ends).contains), "\(run.tally)")
            run.expectFewThreads()
            try expectIntact(path)
        }

        @Test(
            "thousands of tasks end with success, busy or diskFull on a full disk",
            .enabled(if: SmallDisk.isPermitted, "a small tmpfs can't be mounted here"),
            arguments: TaskPool.allCases)
        func fullDisk(pool: TaskPool) throws {
            let (disk, rounds) = (try SmallDisk(), 4 * LoadTests.factor)
            let path = disk.path + "/store.db"
            let run = try LoadRun(
                "tasks", path, pool: pool,
                ["tasks": 5000, "rounds": rounds, "size": 400, "reads": 1, "log": Self.smallestLog])
            #expect(run["ended"] == 5000)
            #expect(run["diskFull"] > 0)
            #expect(
                run.sum("stored", "found", "absent", "counted", "removed", "busy", "diskFull") == 5000 * rounds * 4,
                "\(run.tally)")
            run.expectFewThreads()
            try expectIntact(path)
        }

        private static let outcomes: Set = ["stored", "found", "absent", "counted", "removed", "busy"]
        private static let ends: Set = [
            "ended", "closed", "closings", "backup.calls", "backup.done", "backup.closed",
        ]
    }
}
