@testable import TTLStore

extension Engine {
    /// A write of a test's own making, on the store's connection, in a commit that it may share.
    func write<Success: Sendable>(
        _ operation: String, _ body: @escaping @Sendable (EntryWriter) throws -> Success
    ) throws(TTLStoreError) -> Success {
        try write(WriteOperation(operation) { writer, _ in try body(writer) })
    }
}
