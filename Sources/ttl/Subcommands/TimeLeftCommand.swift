import ArgumentParser
import TTLStore

struct TimeLeftCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ttl", _superCommandName: "ttl", abstract: "Prints the time that an entry has left.",
        discussion: """
            ttl ttl token
            ttl ttl token --ms
            ttl ttl token --json | jq .ttl

            Like 4m59s, in whole seconds, or 250ms where less than one is left; 'never' for an entry that does not \
            expire. With --json: one line with key, and ttl in seconds (null: never).

            Exit status 1: no live entry has the key.
            """)

    @OptionGroup var location: StoreLocation

    @Flag(help: "Prints milliseconds, as a bare number.")
    var ms = false

    @Flag(help: "Prints key and seconds as one line of JSON.")
    var json = false

    @Argument(help: "1 to 1024 bytes of UTF-8.", completion: Candidates.keys)
    var key: String

    func validate() throws {
        try EntryName.require(key: key)
        if ms, json { throw ValidationError("--ms and --json exclude each other") }
    }

    func run() throws {
        try Output.requireOpen()
        let entry = try location.withStore(for: .reading, missing: nil) { try $0.entry(key) }
        guard let entry else { throw Ending.notFound }
        if json { return try Output.print(try JSONLine.bytes(TimeLeftRecord(key: key, remaining: entry.remaining))) }
        let milliseconds = entry.remaining.map { String(DurationFormat.milliseconds($0)) }
        try Output.print(line: ms ? milliseconds ?? "never" : DurationFormat.text(timeLeft: entry.remaining))
    }
}

/// As in `EntryRecord`.
private struct TimeLeftRecord: Encodable {
    let key: String
    let remaining: Duration?

    private enum CodingKeys: String, CodingKey {
        case key, ttl
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(key, forKey: .key)
        try container.encode(remaining.map { Double(DurationFormat.milliseconds($0)) / 1000 }, forKey: .ttl)
    }
}
