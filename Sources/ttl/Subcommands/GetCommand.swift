import ArgumentParser
import TTLStore

struct GetCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "get", _superCommandName: "ttl", abstract: "Prints a value, byte for byte, with nothing added.",
        discussion: """
            ttl get token || login
            ttl get token --touch 1h
            ttl get token --json | jq .ttl

            With --json: one line with key, value, kind (text, bytes or integer), ttl in seconds (null: never), \
            expires_at, created_at, updated_at, revision and tag. Bytes are in base64, and 'encoding' says so.

            --touch reads and extends in one step. The value's revision and updated_at stay. If the value can't be \
            printed, which is an error of status 2, it is extended all the same.

            Exit status 1: no live entry has the key.
            """)

    @OptionGroup var location: StoreLocation

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Gives the entry this much time from now on.", valueName: "duration"))
    var touch: String?

    @Flag(help: "Prints the entry with its metadata as one line of JSON.")
    var json = false

    @Argument(help: "1 to 1024 bytes of UTF-8.", completion: Candidates.keys)
    var key: String

    func validate() throws {
        try EntryName.require(key: key)
        _ = try newTimeToLive
    }

    func run() throws {
        let newTime = try newTimeToLive
        try Output.requireOpen()
        let purpose = newTime == nil ? StoreLocation.Purpose.reading : .changing
        let bytes = try location.withStore(for: purpose, missing: nil) { store in
            json
                ? try entry(of: store, newTime).map { try JSONLine.bytes(EntryRecord($0)) }
                : try value(of: store, newTime)
        }
        guard let bytes else { throw Ending.notFound }
        try Output.print(bytes)
    }

    private func value(of store: TTLStore, _ newTime: Duration?) throws -> [UInt8]? {
        guard let newTime else { return try store.get(key, as: TTLStore.Value.self)?.rawBytes }
        return try store.get(key, as: TTLStore.Value.self, touching: .after(newTime))?.rawBytes
    }

    /// The entry as it is afterwards.
    private func entry(of store: TTLStore, _ newTime: Duration?) throws -> TTLStore.Entry? {
        guard let newTime else { return try store.entry(key) }
        return try store.transaction { transaction in
            try transaction.touch(key, expiring: .after(newTime))
            return try transaction.entry(key)
        }
    }

    private var newTimeToLive: Duration? {
        get throws { try touch.map { try DurationFormat.parse($0, option: "--touch") } }
    }
}
