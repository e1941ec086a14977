import ArgumentParser
import TTLStore

struct IncrementCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "incr", _superCommandName: "ttl", abstract: "Adds to an integer, and prints the sum.",
        discussion: """
            ttl incr requests --ttl 1m
            ttl incr stock --by -3

            A live entry keeps its expiry and its tag; --ttl, --at, --never and --tag are those of a new one, which \
            starts with the number itself. So the first line counts in windows of a minute that begin with the first \
            request. A negative number follows '--' or '--by': ttl incr stock -- -3

            A number is not a text of digits, which 'ttl set' stores: adding to a text, or beyond 64 bits, is an error \
            of status 2, and changes nothing. If the sum can't be printed, which is an error of status 2 as well and \
            names standard output, it is stored all the same; a standard output that is closed is noticed before.

            With --json: one line with key, and value, the sum.
            """)

    @OptionGroup var location: StoreLocation
    @OptionGroup var expiry: ExpiryOptions

    @Option(help: "The tag of a new entry.", completion: Candidates.tags)
    var tag: String?

    @Option(
        name: .customLong("by"), parsing: .unconditional,
        help: ArgumentHelp("What is added, if it is not an argument.", valueName: "number"))
    var amountOption: Int64?

    @Flag(help: "Prints key and sum as one line of JSON.")
    var json = false

    @Argument(help: "1 to 1024 bytes of UTF-8.", completion: Candidates.keys)
    var key: String

    @Argument(help: ArgumentHelp("What is added; 1 if not given.", valueName: "number"))
    var amount: Int64?

    func validate() throws {
        try EntryName.require(key: key)
        try EntryName.require(tag: tag)
        _ = try expiry.expiry
        if amount != nil, amountOption != nil { throw ValidationError("incr takes one number, or --by") }
    }

    func run() throws {
        let expiry = try expiry.expiry ?? .default
        let amount = amount ?? amountOption ?? 1
        try Output.requireOpen()
        let sum = try location.withStore(for: .storing, missing: amount) {
            try $0.increment(key, by: amount, expiring: expiry, tag: tag)
        }
        if json { return try Output.print(try JSONLine.bytes(SumRecord(key: key, value: sum))) }
        try Output.print(line: String(sum))
    }
}

private struct SumRecord: Encodable {
    let key: String
    let value: Int64
}
