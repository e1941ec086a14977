import ArgumentParser
import TTLStore

struct GetCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "get", abstract: "Prints a value, byte for byte, with nothing added.",
        discussion: """
            With --json: one line with key, value, kind (text, bytes or integer), ttl in seconds (null: never), \
            expires_at, created_at, updated_at and revision. Bytes are in base64, and 'encoding' says so.

            Exit status 1: no live entry has the key.
            """)

    @OptionGroup var location: StoreLocation

    @Option(help: ArgumentHelp("From now on the entry has that time left.", valueName: "duration"))
    var touch: String?

    @Flag(help: "Prints the entry with its metadata as one line of JSON.")
    var json = false

    @Argument(help: "1 to 1024 bytes of UTF-8.")
    var key: String

    func validate() throws { _ = try newTimeToLive }

    func run() throws {
        let newTime = try newTimeToLive
        let entry = try location.withStore(for: newTime == nil ? .reading : .changing, missing: nil) { store in
            // Touched first: the value that is printed then has the new time.
            if let newTime, try store.touch(key, expiring: .after(newTime)) == .absent { return nil as TTLStore.Entry? }
            return try store.entry(key)
        }
        guard let entry else { throw Ending.notFound }
        try Output.print(json ? try JSONLine.bytes(EntryRecord(entry)) : entry.value.rawBytes)
    }

    private var newTimeToLive: Duration? {
        get throws { try touch.map { try DurationFormat.parse($0, option: "--touch") } }
    }
}
