#if Hummingbird
import TTLStore
import Testing

/// Expects the body to throw a `TTLStoreError` with that code.
func expectFailure<Success>(
    _ code: TTLStoreError.Code, sourceLocation: SourceLocation = #_sourceLocation, _ body: () async throws -> Success
) async {
    do {
        let result = try await body()
        Issue.record("\(code) was expected, not \(result).", sourceLocation: sourceLocation)
    } catch {
        #expect((error as? TTLStoreError)?.code == code, "\(error)", sourceLocation: sourceLocation)
    }
}

extension Trait where Self == TimeLimitTrait {
    /// Makes a test that waits for ever fail. Its time also counts while other tests keep it from running, so the limit
    /// is far more than any test needs alone.
    static var hangLimit: Self { .timeLimit(.minutes(15)) }
}
#endif
