/// One read, checked and ready to run on a connection; see `WriteOperation`.
struct ReadOperation<Success>: Sendable {
    /// For errors, e.g. `get`.
    let name: String
    /// Gets the one time of the read.
    let body: @Sendable (EntryReader, Timestamp) throws -> Success

    init(_ name: String, _ body: @escaping @Sendable (EntryReader, Timestamp) throws -> Success) {
        self.name = name
        self.body = body
    }
}
