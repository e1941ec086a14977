import ArgumentParser
import TTLStore

struct SetCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set", _superCommandName: "ttl", abstract: "Stores a value.",
        discussion: """
            ttl set token s3cret --ttl 15m
            curl -s https://example.org | ttl set page --ttl 1h --tag web
            ttl set job running --if-absent --ttl 10m || echo 'it runs already'

            Without a VALUE, or with '-' (after '--' as well), the value is all of standard input. Valid UTF-8 is \
            stored as text, anything else as bytes. A value that begins with a dash follows '--': ttl set key -- -5

            An empty value is refused unless --allow-empty is given: it is what a command leaves that has failed. A \
            command that fails half way leaves a part, which is stored: 'login | ttl set token' does not know. \
            This stores nothing then:

            token=$(login) && ttl set token "$token"

            Without --ttl, --at, --never or --keep the entry never expires; an expiry that the key had is replaced. A \
            date that has passed stores nothing and removes the key. Likewise, without --tag the entry has none.

            --if-revision is compare and set: 'ttl get --json' shows the revision, which each write of the value \
            changes.

            Exit status 1: the condition was not met, or the date has passed.
            """)

    @OptionGroup var location: StoreLocation
    @OptionGroup var expiry: ExpiryOptions

    @Flag(help: "Keeps the expiry that the live entry has.")
    var keep = false

    @Flag(help: "Stores only if no live entry has the key.")
    var ifAbsent = false

    @Flag(help: "Stores only if a live entry has the key.")
    var ifPresent = false

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Stores only if the live entry still has that revision.", valueName: "revision"))
    var ifRevision: String?

    @Flag(help: "Stores an empty value as well.")
    var allowEmpty = false

    @Option(help: "A tag, for 'ttl ls --tag' and 'ttl rm --tag'.", completion: Candidates.tags)
    var tag: String?

    @Argument(help: "1 to 1024 bytes of UTF-8.", completion: Candidates.keys)
    var key: String

    @Argument(help: "The value; '-' or nothing for standard input.")
    var value: String?

    func validate() throws {
        try EntryName.require(key: key)
        try EntryName.require(tag: tag)
        if keep, try expiry.expiry != nil {
            throw ValidationError("--keep excludes --ttl, --at and --never")
        }
        _ = try expiry.expiry
        guard [ifAbsent, ifPresent, ifRevision != nil].count(where: { $0 }) <= 1 else {
            throw ValidationError("--if-absent, --if-present and --if-revision exclude one another")
        }
        _ = try condition
        if value == "", !allowEmpty {
            throw ValidationError("the value is empty; with --allow-empty it is stored")
        }
    }

    func run() throws {
        let expiry = try expiry.expiry ?? (keep ? .keep : .default)
        let condition = try condition
        let value = try newValue
        // A condition on a live entry fails if the file is missing.
        let needsEntry = ifPresent || ifRevision != nil
        let outcome = try location.withStore(for: needsEntry ? .changing : .storing, missing: .conditionNotMet) {
            try $0.set(key, value, expiring: expiry, tag: tag, when: condition)
        }
        switch outcome {
        case .stored: return
        case .conditionNotMet: throw Ending.notFound
        case .alreadyExpired:
            Terminal.writeError("ttl: set: the date has passed; nothing is stored, and the key is gone\n")
            throw Ending.notFound
        }
    }

    private var newValue: TTLStore.Value {
        get throws {
            if let value, value != "-" { return .text(value) }
            let input = try Input.value(limit: TTLStore.Configuration().maximumValueSize)
            if input == .text(""), !allowEmpty {
                throw CommandFailure(message: "standard input is empty; with --allow-empty it is stored")
            }
            return input
        }
    }

    private var condition: TTLStore.SetCondition {
        get throws {
            guard let ifRevision else { return ifAbsent ? .ifAbsent : ifPresent ? .ifPresent : .always }
            guard let revision = TTLStore.Revision(ifRevision) else {
                throw ValidationError("--if-revision: not a revision, which is a number of 0 or more")
            }
            return .ifUnchanged(since: revision)
        }
    }
}
