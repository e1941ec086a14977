import ArgumentParser
import TTLStore

struct StatisticsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stats", abstract: "Prints the state of the store.",
        discussion: """
            'expired' counts the entries that have expired and are not yet deleted, and tells how long the oldest has \
            been due. Hits, misses and the lateness of purges are counted in the memory of the program that uses the \
            store, and end with it; this command has none to show. The log is SQLite's write-ahead log \
            beside the file (-wal). In JSON, sizes are in bytes and times in seconds.
            """)

    @OptionGroup var location: StoreLocation

    @Flag(help: "Prints one line of JSON.")
    var json = false

    func run() throws {
        let path = try location.path
        let report = try location.withStore(for: .reading, missing: nil) { store in
            StatisticsReport(path: path, live: try store.count(), statistics: try store.statistics())
        }
        guard let report else { throw CommandFailure(message: "stats: there is no such file: \(path)") }
        try Output.print(json ? try JSONLine.bytes(report) : Array(report.text.utf8))
    }
}
