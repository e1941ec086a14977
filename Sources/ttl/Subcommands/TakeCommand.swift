import ArgumentParser
import TTLStore

struct TakeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "take", _superCommandName: "ttl",
        abstract: "Removes an entry and prints its value, byte for byte, with nothing added.",
        discussion: """
            ttl take code:ada
            ttl take mail:next > mail.eml

            Of any number of takers exactly one gets the value. It counts as taken once all of it is written: into a \
            pipe, once the pipe holds it.

            If it can't be written, the status is 2, and the entry is put back: with its value, expiry and tag, and a \
            new revision, unless the key has a new entry by then. So it is if SIGINT, SIGTERM or SIGHUP ends a wait \
            for a slow reader. Meanwhile the key is absent for others. The value is lost if it can't be put back, \
            which the message says, or if the process is killed between the two.

            Into a file the value is written before the entry is removed, and nothing loses it. At status 1 or 2 what \
            the file has is not taken. After a signal it may be: then the key is absent.

            Exit status 1: no live entry has the key.
            """)

    @OptionGroup var location: StoreLocation

    @Argument(help: "1 to 1024 bytes of UTF-8.", completion: Candidates.keys)
    var key: String

    func validate() throws { try EntryName.require(key: key) }

    func run() throws {
        try Output.requireOpen()
        let isTaken = try location.withStore(for: .changing, missing: false) { store in
            Output.isFile ? try moveToFile(from: store) : try Handover(store: store, key: key).run()
        }
        if !isTaken { throw Ending.notFound }
    }

    /// Takes in one transaction, which a failed write undoes. A file as output never makes the lock's holder wait.
    private func moveToFile(from store: TTLStore) throws -> Bool {
        try store.transaction { transaction in
            guard let value = try transaction.take(key, as: TTLStore.Value.self) else { return false }
            try Output.print(value.rawBytes)
            try Output.confirm()
            return true
        }
    }
}
