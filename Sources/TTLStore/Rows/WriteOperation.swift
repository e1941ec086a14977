/// One change of the store, checked and ready to run in a transaction. The synchronous form of an operation, the
/// suspending form and the form inside a transaction run the same value.
struct WriteOperation<Success: Sendable>: Sendable {
    /// For errors, e.g. `set`.
    let name: String
    /// False for work that needs a transaction of its own: it may fail half way and is then rolled back.
    let mayShareCommit: Bool
    /// Gets the one time of its transaction.
    let body: @Sendable (EntryWriter, Timestamp) throws -> Success

    init(
        _ name: String, sharesCommit mayShareCommit: Bool = true,
        _ body: @escaping @Sendable (EntryWriter, Timestamp) throws -> Success
    ) {
        self.name = name
        self.mayShareCommit = mayShareCommit
        self.body = body
    }
}
