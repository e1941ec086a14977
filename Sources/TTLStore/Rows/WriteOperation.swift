/// One change of the store, checked and ready to run in a transaction. The synchronous and the suspending form of an
/// operation, and the one inside a transaction, run the same value.
struct WriteOperation<Success: Sendable>: Sendable {
    /// For errors, e.g. `set`.
    let name: String
    /// True for work that shares no commit with others: it may fail half way and is then rolled back.
    let isAlone: Bool
    /// Given the one time of its transaction.
    let body: @Sendable (EntryWriter, Timestamp) throws -> Success

    init(
        _ name: String, alone isAlone: Bool = false,
        _ body: @escaping @Sendable (EntryWriter, Timestamp) throws -> Success
    ) {
        self.name = name
        self.isAlone = isAlone
        self.body = body
    }
}
