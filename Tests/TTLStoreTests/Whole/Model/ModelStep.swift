@testable import TTLStore

/// An operation that runs on a store, inside a transaction, and on the model alike. Its results are compared as text.
struct ModelStep: Sendable, CustomStringConvertible {
    let description: String
    /// The keys of the entries that it may write.
    let keys: [String]
    private let tag: String?
    private let onModel: @Sendable (inout StoreModel) throws -> String
    private let onStore: @Sendable (StoreUnderTest) async throws -> String
    private let inTransaction: (@Sendable (TTLStore.Transaction) throws -> String)?

    /// - Parameters:
    ///   - keys: all of the operation's arguments that have to be keys, and so
    ///   - tag: the argument that has to be a tag: the model need not check them.
    ///   - transaction: nil for an operation that only a store has.
    init<Answer>(
        _ description: String, keys: [String] = [], tag: String? = nil,
        model: @escaping @Sendable (inout StoreModel) throws -> Answer,
        store: @escaping @Sendable (StoreUnderTest) async throws -> Answer,
        transaction: (@Sendable (TTLStore.Transaction) throws -> Answer)?
    ) {
        self.description = description
        self.keys = keys
        self.tag = tag
        onModel = { String(describing: try model(&$0)) }
        onStore = { String(describing: try await store($0)) }
        guard let transaction else {
            inTransaction = nil
            return
        }
        inTransaction = { String(describing: try transaction($0)) }
    }

    var isForTransactions: Bool { inTransaction != nil }

    /// An operation that is refused leaves the model as it was.
    func answer(_ model: inout StoreModel) throws -> String {
        let before = model
        do {
            try checkArguments()
            return try onModel(&model)
        } catch {
            model = before
            return try ModelStep.answer(error)
        }
    }

    func answer(_ store: StoreUnderTest) async throws -> String {
        do { return try await onStore(store) } catch { return try ModelStep.answer(error) }
    }

    func answer(_ transaction: TTLStore.Transaction) throws -> String {
        guard let inTransaction else { throw Divergence(description: "\(self) in a transaction") }
        do { return try inTransaction(transaction) } catch { return try ModelStep.answer(error) }
    }

    /// In the order in which a store checks them.
    private func checkArguments() throws {
        if keys.first == "" { throw refusal(.invalidKey) }
        if tag == "" { throw refusal(.invalidTag) }
        if keys.contains("") { throw refusal(.invalidKey) }
    }

    private static func answer(_ error: any Error) throws -> String {
        switch error {
        case TTLStoreError.Code.invalidKey, TTLStoreError.Code.invalidTag, TTLStoreError.Code.invalidExpiry,
            TTLStoreError.Code.invalidArgument, TTLStoreError.Code.wrongKind, TTLStoreError.Code.decodingFailed,
            TTLStoreError.Code.numberOverflow:
            return (error as? TTLStoreError).map { "refused: \($0.code)" } ?? ""
        default: throw error
        }
    }
}
