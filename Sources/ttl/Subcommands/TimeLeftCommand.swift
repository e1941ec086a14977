import ArgumentParser
import TTLStore

struct TimeLeftCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ttl", _superCommandName: "ttl", abstract: "Prints the time that an entry has left.",
        discussion: """
            ttl ttl token
            ttl ttl token --ms

            Like 4m59s, in whole seconds, or 250ms where less than one is left; 'never' for an entry that does not \
            expire.

            Exit status 1: no live entry has the key.
            """)

    @OptionGroup var location: StoreLocation

    @Flag(help: "Prints milliseconds, as a bare number.")
    var ms = false

    @Argument(help: "1 to 1024 bytes of UTF-8.", completion: Candidates.keys)
    var key: String

    func validate() throws { try EntryName.require(key: key) }

    func run() throws {
        try Output.requireOpen()
        let entry = try location.withStore(for: .reading, missing: nil) { try $0.entry(key) }
        guard let entry else { throw Ending.notFound }
        let milliseconds = entry.remaining.map { String(DurationFormat.milliseconds($0)) }
        try Output.print(line: ms ? milliseconds ?? "never" : DurationFormat.text(timeLeft: entry.remaining))
    }
}
