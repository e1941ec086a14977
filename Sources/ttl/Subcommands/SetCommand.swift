import ArgumentParser
import TTLStore

struct SetCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set", abstract: "Stores a value.",
        discussion: """
            Without a VALUE, or with '-', the value is all of standard input. Valid UTF-8 is stored as text, anything \
            else as bytes. A value that begins with a dash follows '--': ttl set key -- -5

            Without --ttl, --at, --never or --keep the entry never expires; an expiry that the key had is replaced. A \
            date that has passed stores nothing and removes the key.

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

    @Argument(help: "1 to 1024 bytes of UTF-8.")
    var key: String

    @Argument(help: "The value; '-' or nothing for standard input.")
    var value: String?

    func validate() throws {
        if keep, try expiry.expiry != nil {
            throw ValidationError("--keep excludes --ttl, --at and --never")
        }
        _ = try expiry.expiry
        if ifAbsent, ifPresent { throw ValidationError("--if-absent and --if-present exclude each other") }
    }

    func run() throws {
        let expiry = try expiry.expiry ?? (keep ? .keep : .default)
        let condition: SetCondition = ifAbsent ? .ifAbsent : ifPresent ? .ifPresent : .always
        let limit = TTLStore.Configuration().maximumValueSize
        let value =
            switch value {
            case nil, "-": try Input.value(limit: limit)
            case .some(let text): Value.text(text)
            }
        // Only if-present finds its answer in a file that is missing.
        let outcome = try location.withStore(for: ifPresent ? .changing : .storing, missing: .conditionNotMet) {
            try $0.set(key, value, expiring: expiry, when: condition)
        }
        switch outcome {
        case .stored: return
        case .conditionNotMet: throw Ending.notFound
        case .alreadyExpired:
            Terminal.writeError("ttl: set: the date has passed; nothing is stored, and the key is gone\n")
            throw Ending.notFound
        }
    }
}
