#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

extension TTLStore {
    /// Opens the store in the file of a URL; otherwise as the initialiser with a path.
    /// - Throws: `cannotOpen` for a URL that is not a file URL; the errors of opening.
    public convenience init(url: URL, configuration: Configuration = Configuration()) throws(TTLStoreError) {
        try self.init(path: TTLStore.path(of: url), configuration: configuration)
    }

    /// Opens the store in the file of a URL, on a thread for this call alone; otherwise as the initialiser with a path.
    /// Suspends the task, whose cancellation is ignored.
    /// - Throws: `cannotOpen` for a URL that is not a file URL; the errors of opening.
    public convenience init(url: URL, configuration: Configuration = Configuration()) async throws(TTLStoreError) {
        try await self.init(path: TTLStore.path(of: url), configuration: configuration)
    }

    private static func path(of url: URL) throws(TTLStoreError) -> String {
        guard url.isFileURL else { throw TTLStoreError(.cannotOpen, "the URL names no file", in: "open") }
        return url.path
    }
}
