import ArgumentParser
import TTLStore

/// When an entry expires: at most one of these is given.
struct ExpiryOptions: ParsableArguments {
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Expires after that time, e.g. 90s or 1h30m.", valueName: "duration"))
    var ttl: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Expires at that moment, e.g. 2027-01-01T00:00:00Z.", valueName: "date"))
    var at: String?

    @Flag(help: "Never expires.")
    var never = false

    /// The given expiry; nil if there is none.
    var expiry: TTLStore.Expiry? {
        get throws {
            guard [ttl != nil, at != nil, never].count(where: { $0 }) <= 1 else {
                throw ValidationError("--ttl, --at and --never exclude one another")
            }
            if let ttl { return .after(try DurationFormat.parse(ttl, option: "--ttl")) }
            if let at { return .at(try DateFormat.parse(at, option: "--at")) }
            return never ? .never : nil
        }
    }
}
