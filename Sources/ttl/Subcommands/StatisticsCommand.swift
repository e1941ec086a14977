import ArgumentParser
import TTLStore

struct StatisticsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stats", abstract: "Prints the state of the store.",
        discussion: """
            'expired' counts the entries that have expired and are not yet deleted, the backlog; 'lateness' tells for \
            how long they have been due, rounded up to a power of two of milliseconds. How late entries were that have \
            left the file is counted, as hits and misses are, in the memory of the program that uses the store, and \
            ends with it. The log is SQLite's write-ahead log beside the file (-wal). In JSON, sizes are in bytes and \
            times in seconds.
            """)

    @OptionGroup var location: StoreLocation

    @Flag(help: "Prints one line of JSON.")
    var json = false

    func run() throws {
        try Output.requireOpen()
        let path = try location.path
        let report = try location.withExistingStore(for: .reading, "stats") { store in
            StatisticsReport(path: path, live: try store.count(), statistics: try store.statistics())
        }
        try Output.print(json ? try JSONLine.bytes(report) : Array(report.text.utf8))
    }
}
