import ArgumentParser
import TTLStore

struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Looks for damage in the file, and says what to do about it.",
        discussion: """
            ttl check
            ttl check --quiet || echo 'look at the store'
            ttl check --json | jq -r '.findings[].message'

            Reads the whole file, and changes no entry; other programs read and write meanwhile. It finds damaged \
            pages, indexes that do not fit their table, rows that break a constraint, changes of the schema, wrong \
            modes and numbers, permissions for other users, and known bugs of the SQLite in use. Messages hold no key \
            and no value. In a file that is read-only for you, rows that break a constraint are not found.

            Errors mean damage, warnings mean that something should be changed, notes are for information.

            Exit status: 0 when all is well, notes aside; 1 when there is an error or a warning; 2 when the file \
            can't be checked: it is missing, unreadable, or no store.
            """)

    @OptionGroup var location: StoreLocation
    @OptionGroup var quiet: QuietOption

    @Flag(help: "Prints one line of JSON.")
    var json = false

    func validate() throws { try quiet.exclude(json: json) }

    func run() throws {
        try Output.requireOpen()
        let result = try result
        if json {
            try Output.print(try JSONLine.bytes(result))
        } else if !quiet.isSet {
            try Output.print(Array(result.text(columns: Terminal.columns).utf8))
        }
        if !result.isWell { throw Ending.notFound }
    }

    private var result: CheckResult {
        get throws {
            let path = try location.path
            do {
                return try location.withExistingStore(for: .reading, "check") { store in
                    Interrupts.listen()
                    let bar = ProgressBar(unit: "pages", isWanted: !quiet.isSet)
                    defer { bar.clear() }
                    return CheckResult(path: path, report: try store.check(progress: bar.showInterruptibly))
                }
            } catch let failure as CommandFailure where failure.code == .corrupt {
                return CheckResult(path: path, unopened: failure.message)
            }
        }
    }
}
