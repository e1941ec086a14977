import ArgumentParser
import TTLStore

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

struct StatisticsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stats", abstract: "Prints the state of the store.",
        discussion: """
            ttl stats
            ttl stats --json | jq .expired

            'expired' counts the entries that have expired and are not yet deleted, the backlog; 'overdue' tells for \
            how long they have been due, the percentiles rounded up to a power of two of milliseconds. The log is \
            SQLite's write-ahead log beside the file (-wal). 'expires' counts each entry in the first part that is \
            not shorter than its time left; 'value size' counts expired entries as well. All of it is read, about \
            half a second for a million small entries.

            In JSON, sizes are in bytes and times in seconds; 'expiries' and 'sizes' are the two histograms, each \
            part with its upper bound, null for the last. Hits, misses and how late entries have left the file are \
            counted in the memory of the program that uses the store, and end with it.
            """)

    @OptionGroup var location: StoreLocation

    @Flag(help: "Prints one line of JSON.")
    var json = false

    func run() throws {
        try Output.requireOpen()
        let path = try location.path
        let report = try location.withExistingStore(for: .reading, "stats") { store in
            StatisticsReport(
                path: path, distribution: try store.distribution(), statistics: try store.statistics(), now: .now)
        }
        try Output.print(json ? try JSONLine.bytes(report) : Array(report.text(columns: Terminal.columns).utf8))
    }
}
