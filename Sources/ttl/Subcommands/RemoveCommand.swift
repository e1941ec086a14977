import ArgumentParser
import TTLStore

struct RemoveCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rm", _superCommandName: "ttl", abstract: "Removes entries, and prints how many.",
        discussion: """
            ttl rm token
            ttl rm --prefix session:
            ttl rm --tag site:7
            ttl rm --all

            All of them at once, or none if that fails. The empty prefix, as of a variable that is not set, is \
            refused. If the number can't be printed, which is an error of status 2, they are removed all the same.

            With --json: one line with removed, the number.

            Exit status 1: there was none to remove.
            """)

    @OptionGroup var location: StoreLocation

    @OptionGroup var quiet: QuietOption

    @Option(help: "Removes all entries whose key begins with it.", completion: Candidates.keys)
    var prefix: String?

    @Option(help: "Removes all entries with that tag.", completion: Candidates.tags)
    var tag: String?

    @Flag(help: "Removes all entries.")
    var all = false

    @Flag(help: "Prints the number as one line of JSON.")
    var json = false

    @Argument(help: "The keys.", completion: Candidates.keys)
    var key: [String] = []

    func validate() throws {
        guard [!key.isEmpty, prefix != nil, tag != nil, all].count(where: { $0 }) == 1 else {
            throw ValidationError("rm takes keys, or --prefix, or --tag, or --all")
        }
        try key.forEach(EntryName.require(key:))
        try EntryName.require(tag: tag)
        try quiet.exclude(json: json)
        if prefix == "" { throw ValidationError("rm: the prefix is empty; --all removes everything") }
    }

    func run() throws {
        try Output.requireOpen()
        let count = try location.withStore(for: .changing, missing: 0) { store in
            if all { return try store.removeAll(.all) }
            if let prefix { return try store.removeAll(.prefix(prefix)) }
            if let tag { return try store.removeAll(.tag(tag)) }
            return try store.removeAll(key)
        }
        try quiet.print(line: json ? #"{"removed":\#(count)}"# : String(count))
        if count == 0 { throw Ending.notFound }
    }
}
