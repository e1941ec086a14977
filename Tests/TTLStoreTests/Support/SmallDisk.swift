import Foundation
import TTLTestSupport

/// A real file system of two mebibytes.
final class SmallDisk {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.path + "/ttl-disk-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        let answer = try ChildProcess.run("/usr/bin/env", ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", path])
        guard answer.status == 0 else { throw CocoaError(.fileWriteUnknown) }
    }

    deinit {
        _ = try? ChildProcess.run("/usr/bin/env", ["umount", "-l", path])
        try? FileManager.default.removeItem(atPath: path)
    }

    /// Only root may mount, and not in every container.
    static let isPermitted = (try? SmallDisk()) != nil
}
