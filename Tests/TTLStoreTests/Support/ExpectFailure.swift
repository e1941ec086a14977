import TTLStore
import Testing

/// Expects the body to throw a `TTLStoreError` with that code.
/// - Returns: the error, for a closer look.
@discardableResult
func expectFailure<Success>(
    _ code: TTLStoreError.Code, _ comment: Comment? = nil, sourceLocation: SourceLocation = #_sourceLocation,
    _ body: () async throws -> Success
) async -> TTLStoreError? {
    do {
        let result = try await body()
        Issue.record("\(code) was expected, not \(result). \(comment ?? "")", sourceLocation: sourceLocation)
        return nil
    } catch {
        let failure = error as? TTLStoreError
        #expect(failure?.code == code, comment ?? "\(error)", sourceLocation: sourceLocation)
        return failure
    }
}

/// As the suspending form.
@discardableResult
func expectFailure<Success>(
    _ code: TTLStoreError.Code, _ comment: Comment? = nil, sourceLocation: SourceLocation = #_sourceLocation,
    _ body: () throws -> Success
) -> TTLStoreError? {
    do {
        let result = try body()
        Issue.record("\(code) was expected, not \(result). \(comment ?? "")", sourceLocation: sourceLocation)
        return nil
    } catch {
        let failure = error as? TTLStoreError
        #expect(failure?.code == code, comment ?? "\(error)", sourceLocation: sourceLocation)
        return failure
    }
}
