import TTLStore

/// What a run that is not stored leaves to those who have waited for it, and to nobody else.
///
/// It is an entry beside that of the run, and lives for some seconds. The next such run replaces it.
struct UnstoredRun: Codable {
    /// Of the lease under which it was made. Later runs have a higher one.
    let token: Int64
    /// Nil where there was too much output.
    let run: RecordedRun?
    /// The most bytes of output that its runner would have recorded.
    let limit: Int

    /// Long enough for those who wait: they look every few milliseconds.
    static let lifetime = Duration.seconds(5)

    /// - Parameter key: of the run, or what it begins with. The result does not begin like the keys of stored runs,
    ///   which are listed and counted.
    static func key(_ key: String) -> String { "ttl.run.unstored:" + key.dropFirst(RunKey.prefix.count) }

    /// - Parameter tag: of the run.
    static func tag(_ tag: String) -> String { "ttl.run.unstored" + tag.dropFirst(RunKey.tag(scope: nil).count) }

    /// What the latest run has left, if it has left something.
    static func latest(_ key: String, in store: TTLStore) throws -> UnstoredRun? {
        // A value that somebody has changed to something else counts as none.
        guard let entry = try store.entry(UnstoredRun.key(key)) else { return nil }
        return try? entry.decode(as: UnstoredRun.self)
    }
}
