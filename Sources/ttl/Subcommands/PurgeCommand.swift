import ArgumentParser
import TTLStore

struct PurgeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "purge", abstract: "Deletes what has expired, and prints how many entries that were.",
        discussion: """
            ttl purge
            ttl purge --dry-run

            There is no need for it: reads never return an expired entry, and every program that writes to the store \
            deletes some. The write lock is held for about 10 ms at a time.

            With --json: one line with deleted, or with expired for --dry-run.
            """)

    @OptionGroup var location: StoreLocation

    @OptionGroup var quiet: QuietOption

    @Flag(help: "Only prints how many there are to delete.")
    var dryRun = false

    @Flag(help: "Prints the number as one line of JSON.")
    var json = false

    func validate() throws { try quiet.exclude(json: json) }

    func run() throws {
        try Output.requireOpen()
        let count = try location.withStore(for: dryRun ? .reading : .purging, missing: 0) { store in
            let expired = try store.statistics().expiredEntries
            if dryRun { return expired }
            let bar = ProgressBar(isWanted: !quiet.isSet)
            defer { bar.clear() }
            // Entries that expire meanwhile are added to the total.
            return try store.purgeExpired { bar.show($0, of: max(expired, $0)) }
        }
        try quiet.print(line: json ? #"{"\#(dryRun ? "expired" : "deleted")":\#(count)}"# : String(count))
    }
}
