import ArgumentParser
import TTLStore

struct RemoveCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rm", abstract: "Removes entries, and prints how many.",
        discussion: """
            The empty prefix removes everything.

            Exit status 1: there was none to remove.
            """)

    @OptionGroup var location: StoreLocation

    @Option(help: "Removes all entries whose key begins with it.")
    var prefix: String?

    @Argument(help: "The keys.")
    var key: [String] = []

    func validate() throws {
        if key.isEmpty == (prefix == nil) { throw ValidationError("rm takes keys, or --prefix") }
    }

    func run() throws {
        let count = try location.withStore(for: .changing, missing: 0) { store in
            if let prefix { return try store.removeAll(prefix: prefix) }
            return try key.count { try store.remove($0) }
        }
        try Output.print(line: String(count))
        if count == 0 { throw Ending.notFound }
    }
}
