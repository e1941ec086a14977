import ArgumentParser
import TTLStore

struct UnlockCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unlock", abstract: "Takes a lock away from its holder.",
        discussion: """
            ttl lock --who deploy
            ttl unlock deploy --token 42

            The next one has the lock at once, and the former holder's command gets SIGTERM within 3 s: until it has \
            ended, both run. So end the former holder instead where that is possible. The token, as 'ttl lock --who' \
            prints it, says which holder is meant: one that has come later keeps the lock. The token of a waiter takes \
            its place in the queue away.

            Exit status 1: nobody holds that lock with that token.
            """)

    @OptionGroup var location: StoreLocation
    @OptionGroup var quiet: QuietOption

    @Option(parsing: .unconditional, help: ArgumentHelp("The holder's token.", valueName: "number"))
    var token: Int64

    @Argument(help: "The lock's name.", completion: Candidates.locks)
    var name: String

    func validate() throws { try LockCommand.validate(name) }

    func run() throws {
        let isReleased = try location.withStore(for: .changing, missing: false) { store in
            let state = try LockState(name, in: store)
            let lease = (state.holders.map(\.lease) + state.waiting).first { $0.token == token }
            return try lease.map { try store.release($0) } ?? false
        }
        if !isReleased { throw Ending.notFound }
    }
}
