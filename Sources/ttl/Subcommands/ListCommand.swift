import ArgumentParser
import TTLStore

struct ListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ls", _superCommandName: "ttl", abstract: "Lists keys, sorted by their bytes.",
        discussion: """
            ttl ls
            ttl ls session: --long
            ttl ls --tag site:7 --json | jq -r .key

            One key a line. On a terminal, control characters in keys are shown as \\n, \\t, \\r or \\u{1B}, and a \
            backslash as two; to a file or a pipe keys go as they are, and a key with a line break takes several \
            lines. --json is never ambiguous: one object a line, with the value, as 'ttl get --json' prints it.

            --long puts before each key the time left, the value's size in bytes, its kind, and the tag, or '-' where \
            there is none. It takes no memory for the values.

            --expired lists the entries that have expired and are still in the file: nobody else sees them. Their time \
            is how long ago they expired: -3s, or 'overdue' in JSON.
            """)

    @OptionGroup var location: StoreLocation

    @Option(help: "Lists the entries with that tag.", completion: Candidates.tags)
    var tag: String?

    @Flag(help: "Prints time left, size, kind and tag before the key.")
    var long = false

    @Flag(help: "Prints each entry as one line of JSON.")
    var json = false

    @Flag(help: "Lists what has expired and is not yet deleted.")
    var expired = false

    @Option(parsing: .unconditional, help: ArgumentHelp("Prints at most that many.", valueName: "count"))
    var limit: Int?

    @Argument(help: "What the keys begin with.", completion: Candidates.keys)
    var prefix: String?

    func validate() throws {
        if let limit, limit < 0 { throw ValidationError("--limit is 0 or more") }
        if long, json { throw ValidationError("--long and --json exclude each other") }
        try EntryName.require(tag: tag)
        if tag != nil, prefix != nil { throw ValidationError("ls takes a prefix, or --tag") }
    }

    func run() throws {
        let selection = tag.map(TTLStore.Selection.tag) ?? .prefix(prefix ?? "")
        try Output.requireOpen()
        try location.withStore(for: .reading, missing: ()) { store in
            var output = Output()
            if json {
                try store.allEntries(selection, expired: expired, maximum: limit).forEach { entry in
                    output.write(try JSONLine.bytes(EntryRecord(entry, isExpired: expired)))
                    try output.flushIfLarge()
                }
            } else if long {
                try store.allSummaries(selection, expired: expired, maximum: limit).forEach {
                    try output.writeLine(row($0))
                }
            } else {
                try store.allKeys(selection, expired: expired, maximum: limit).forEach {
                    try output.writeLine(shown($0))
                }
            }
            try output.flush()
        }
    }

    /// The key comes last: it may hold spaces.
    private func row(_ entry: TTLStore.EntrySummary) -> String {
        let columns = [
            Figures.right(DurationFormat.text(timeLeft: entry.remaining), 12),
            Figures.right(entry.size.map { String($0) } ?? "?", 10),
            Figures.left(entry.kind.rawValue, 7), Figures.left(entry.tag.map(shown) ?? "-", 12), shown(entry.key),
        ]
        return columns.joined(separator: " ")
    }

    private func shown(_ text: String) -> String { Terminal.isOutput ? PrintableText.escaped(text) : text }
}
