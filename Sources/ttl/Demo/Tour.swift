import TTLStore

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The tour: one method a chapter, in the order in which they are told.
final class Tour {
    let stage: Stage
    let folder: String
    let shell = SQLiteShell()
    /// The census before any store was opened.
    let before = ProcessCensus()

    /// When the short-lived entries expire, all at once: the hardest case for a purge.
    private(set) var moment = Date.distantFuture
    /// The number of entries that live longer.
    var longLived = 0
    private(set) var shortLived = 0

    var file: String { folder + "/tour.db" }

    private static let sessions = 300
    private static let pages = 20_000
    private static let shortLife = Duration.seconds(4)

    init(stage: Stage, folder: String) {
        self.stage = stage
        self.folder = folder
    }

    func run() throws {
        try stage.say("TTLStore keeps values in one SQLite file, each for as long as you say.")
        try stage.say("This tour uses \(folder), and removes it at the end.")
        try useStore { store in
            try storeEntries(store)
            try lookIntoFile(store)
            try actInOneStep(store)
        }
        try closeAndOpenAgain()
        try sweep()
        try StoreLoop(stage: stage, folder: folder, before: before).run()
    }

    /// Opens the file without its thread, which has a chapter of its own, and closes it also if `body` throws.
    ///
    /// On a busy machine the short-lived entries may expire before the first chapters are over, and a later chapter
    /// needs them in the file.
    func useStore(_ body: (TTLStore) throws -> Void) throws {
        var configuration = TTLStore.Configuration()
        configuration.purging = .manual
        let store = try TTLStore(path: file, configuration: configuration)
        defer { store.close() }
        try body(store)
    }

    // MARK: Storing

    private func storeEntries(_ store: TTLStore) throws {
        try stage.chapter("Store values with a time to live")
        moment = Date().addingTimeInterval(Double(Tour.shortLife.components.seconds))
        let began = ContinuousClock.now
        for number in 1...Tour.sessions {
            try Interrupts.check()
            let expiry = lifetime(number)
            let outcome = try store.set("session:\(number)", Session(number: number), expiring: expiry)
            count(outcome, isShort: expiry == .at(moment))
        }
        try stage.tell(
            """
            \(Tour.sessions) sessions, as JSON, in \(Figures.time(ContinuousClock.now - began)):
            a third for a day, a third for an hour, a third for \(DurationFormat.text(Tour.shortLife)).
            """)
        try storePages(store)
        try checkLive(store) { "\($0) entries are there" }
    }

    /// Counts the live entries, and compares with the number of entries that should still live.
    func checkLive(_ store: TTLStore, _ claim: (String) -> String) throws {
        let atMost = expectedLive
        let live = try store.count()
        try stage.check(claim(Figures.grouped(live)), (expectedLive...atMost).contains(live))
    }

    private var expectedLive: Int { longLived + (Date() < moment ? shortLived : 0) }

    /// Stores so many entries that deleting them takes more than one batch; fewer on a slow disk.
    private func storePages(_ store: TTLStore) throws {
        let body = String(repeating: "So it goes. ", count: 16)
        let began = ContinuousClock.now
        var number = 0
        while number < Tour.pages, ContinuousClock.now - began < Tour.shortLife / 3 {
            try Interrupts.check()
            number += 1
            count(try store.set("page:/\(number)", body, expiring: .at(moment)), isShort: true)
        }
        let time = ContinuousClock.now - began
        try stage.tell(
            """
            \(Figures.grouped(number)) cached pages in \(Figures.time(time)), \(Figures.time(time / number)) for each \
            commit;
            they expire at one moment, together with the third third.
            """)
    }

    private func lifetime(_ number: Int) -> TTLStore.Expiry {
        switch number % 3 {
        case 0: .after(.seconds(86_400))
        case 1: .after(.seconds(3600))
        default: .at(moment)
        }
    }

    private func count(_ outcome: TTLStore.SetOutcome, isShort: Bool) {
        guard outcome == .stored else { return }
        if isShort { shortLived += 1 } else { longLived += 1 }
    }

    // MARK: The file

    private func lookIntoFile(_ store: TTLStore) throws {
        try stage.chapter("Look into the live file with the plain sqlite3 shell")
        guard shell != nil else {
            try stage.tell(
                """
                There is no sqlite3 on PATH, so this part is left out. To see it: apt-get install sqlite3, or
                dnf install sqlite, or brew install sqlite.
                """)
            return
        }
        try stage.type("$", "sqlite3 \(file)")
        _ = try query(
            """
            SELECT key, json_extract(value, '$.user') AS user, ttl
            FROM live WHERE key LIKE 'session:%' LIMIT 4;
            """)
        _ = try query("INSERT INTO live (key, value, ttl) VALUES ('motd', 'Hi from the shell', 300);")
        longLived += 1
        let greeting = try store.get("motd")
        try stage.check("this program reads motd: \(greeting ?? "nothing")", greeting == "Hi from the shell")
    }

    /// Runs a statement in the shell and shows both.
    /// - Returns: the shell's output; nil without a shell.
    func query(_ statement: String) throws -> String? {
        guard let shell else { return nil }
        let answer = try shell.run(statement, on: file, home: folder)
        try stage.type("sqlite>", statement)
        try answer.split(separator: "\n").forEach { try stage.tell(String($0)) }
        return answer
    }
}

/// A value that a web server might store.
private struct Session: Codable {
    var user: String
    var cart: [String]
    var theme: String

    init(number: Int) {
        let users = ["ada", "grace", "edsger", "barbara", "donald", "radia", "dennis"]
        user = users[number % users.count] + String(number)
        cart = Array(repeating: "tea", count: number % 4)
        theme = number.isMultiple(of: 2) ? "dark" : "light"
    }
}
