import Foundation

/// A folder that is removed with the object.
package final class TemporaryFolder: Sendable {
    package let path: String

    package init() throws {
        _ = DescriptorLimit.isRaised
        path = FileManager.default.temporaryDirectory.path + "/ttl-test-" + UUID().uuidString
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// The path of something in the folder.
    package func callAsFunction(_ name: String) -> String { path + "/" + name }
}
