import ArgumentParser
import TTLStore

struct TouchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "touch", _superCommandName: "ttl", abstract: "Changes when an entry expires.",
        discussion: """
            ttl touch token --ttl 1h
            ttl touch token --never

            The value stays as it is. A date that has passed removes the entry.

            Exit status 1: no live entry has the key, or the date has passed.
            """)

    @OptionGroup var location: StoreLocation
    @OptionGroup var expiry: ExpiryOptions

    @Argument(help: "1 to 1024 bytes of UTF-8.", completion: Candidates.keys)
    var key: String

    func validate() throws {
        try EntryName.require(key: key)
        guard try expiry.expiry != nil else { throw ValidationError("touch takes --ttl, --at or --never") }
    }

    func run() throws {
        let expiry = try expiry.expiry ?? .keep
        let outcome = try location.withStore(for: .changing, missing: .absent) { try $0.touch(key, expiring: expiry) }
        switch outcome {
        case .touched: return
        case .absent, .conditionNotMet: throw Ending.notFound
        case .alreadyExpired:
            Terminal.writeError("ttl: touch: the date has passed; the key is gone\n")
            throw Ending.notFound
        }
    }
}
