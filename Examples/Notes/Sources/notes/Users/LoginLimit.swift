import TTLStore

/// Ten passwords in three minutes from one address, right or wrong.
///
/// The count is an entry of the store that begins with the first try and expires by itself. It survives restarts, and
/// holds for all processes on the file.
struct LoginLimit {
    let store: TTLStore

    static let maximum: Int64 = 10

    /// Counts a try.
    /// - Returns: whether it is one too many.
    func isReached(by address: String) async throws -> Bool {
        try await store.increment("notes:logins:" + address, expiring: .minutes(3)) > LoginLimit.maximum
    }
}
