import ArgumentParser
import TTLStore

struct ExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Prints all live entries, one a line, for 'ttl import' or for Redis.",
        discussion: """
            ttl export > entries.ndjson
            ttl export --prefix session: | ssh other ttl import
            ttl export --format resp | redis-cli --pipe

            Each line is an object of JSON: key, value, expires_at (UTC, to the millisecond; null for never), and tag \
            where there is one. Bytes are in Base64, and "encoding":"base64" says so; integers are numbers. Entries \
            come sorted by key. What 'ttl import' makes of the lines exports the same lines again; the times of \
            creation and change, and the revision, are the new store's own.

            --format resp prints SET commands in the protocol of Redis and Valkey, with each expiry as PXAT (Redis \
            6.2 or later). Tags are left out, and integers become text.

            Entries that come or go meanwhile may or may not be there. For the state of one moment, copy the store \
            first: ttl backup copy.db && ttl --store copy.db export.

            Of a damaged store, what can be read is printed; after the first damage, entries come in the order of \
            their rows. A line on standard error says which rows are missing, by the numbers that the column 'id' has \
            in the sqlite3 shell.

            Memory holds one page of entries. Exit status 2: something can't be read, or the output not written; then \
            the output may end within a line.
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case json, resp
    }

    @OptionGroup var location: StoreLocation

    @Flag(help: "Shows no progress on a terminal.")
    var quiet = false

    @Option(help: "The entries whose key begins with it.", completion: Candidates.keys)
    var prefix: String?

    @Option(help: "The entries with that tag.", completion: Candidates.tags)
    var tag: String?

    @Option(help: "One JSON object a line, or Redis commands.")
    var format = Format.json

    func validate() throws {
        try EntryName.require(tag: tag)
        if tag != nil, prefix != nil { throw ValidationError("export takes --prefix, or --tag") }
    }

    func run() throws {
        try Output.requireOpen()
        let selection = tag.map(TTLStore.Selection.tag) ?? .prefix(prefix ?? "")
        try location.withExistingStore(for: .reading, "export") { store in
            Interrupts.listen()
            // Beside lines on the terminal a bar would be in their way.
            let bar = ProgressBar(unit: "entries", isWanted: !quiet && !Terminal.isOutput)
            defer { bar.clear() }
            var exporter = Exporter(store, selection, format, bar)
            try exporter.run()
        }
    }
}
