import ArgumentParser
import TTLStore

struct ListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ls", abstract: "Lists keys, sorted by their bytes.",
        discussion: """
            One key a line. On a terminal, control characters in keys are shown as \\n, \\t, \\r or \\u{1B}, and a \
            backslash as two; to a file or a pipe keys go as they are, and a key with a line break takes several lines. \
            --json is never ambiguous: one object a line, with the value, as 'ttl get --json' prints it.

            --long puts before each key the time left, the value's size in bytes and its kind.

            --expired lists the entries that have expired and are still in the file: nobody else sees them. Their time \
            is how long ago they expired: -3s, or 'overdue' in JSON.
            """)

    @OptionGroup var location: StoreLocation

    @Flag(help: "Prints time left, size and kind before the key.")
    var long = false

    @Flag(help: "Prints each entry as one line of JSON.")
    var json = false

    @Flag(help: "Lists what has expired and is not yet deleted.")
    var expired = false

    @Option(help: ArgumentHelp("Prints at most that many.", valueName: "count"))
    var limit: Int?

    @Argument(help: "What the keys begin with.")
    var prefix: String = ""

    func validate() throws {
        if let limit, limit < 0 { throw ValidationError("--limit is 0 or more") }
        if long, json { throw ValidationError("--long and --json exclude each other") }
    }

    func run() throws {
        try location.withStore(for: .reading, missing: ()) { store in
            var output = Output()
            if long || json || expired {
                try Listing(prefix: prefix, limit: limit).forEachEntry(of: store, expired: expired) { entry in
                    if json {
                        output.write(try JSONLine.bytes(EntryRecord(entry, isExpired: expired)))
                        try output.flushIfLarge()
                    } else {
                        try output.writeLine(long ? row(entry) : shown(entry.key))
                    }
                }
            } else {
                try Listing(prefix: prefix, limit: limit).forEachKey(of: store) { try output.writeLine(shown($0)) }
            }
            try output.flush()
        }
    }

    /// The key comes last: it may hold spaces.
    private func row(_ entry: TTLStore.Entry) -> String {
        let time = DurationFormat.text(timeLeft: entry.remaining)
        let size = String(entry.value.rawBytes.count)
        return "\(Figures.right(time, 12)) \(Figures.right(size, 10)) \(Figures.left(entry.value.kind, 7)) "
            + shown(entry.key)
    }

    private func shown(_ key: String) -> String { Terminal.isOutput ? PrintableText.escaped(key) : key }
}
