import Foundation

/// The threads and descriptors of this process, counted by the kernel. Linux only; elsewhere the tests that need it are
/// off.
package enum Census {
    package static var isAvailable: Bool { FileManager.default.fileExists(atPath: "/proc/self/task") }

    package static var threads: Int { names(in: "/proc/self/task").count }

    /// The threads with that name.
    package static func threads(named name: String) -> Int {
        names(in: "/proc/self/task").count { task in
            (try? String(contentsOfFile: "/proc/self/task/\(task)/comm", encoding: .utf8)) == name + "\n"
        }
    }

    /// Whether each thread with that name sleeps, according to the kernel.
    package static func areAsleep(named name: String) -> Bool {
        names(in: "/proc/self/task").allSatisfy { task in
            // Number, name in parentheses, state.
            guard let line = try? String(contentsOfFile: "/proc/self/task/\(task)/stat", encoding: .utf8),
                line.contains("(\(name))")
            else { return true }
            return line.contains(") S ")
        }
    }

    /// Open descriptors of files below a folder, or of all files.
    package static func descriptors(below folder: String? = nil) -> Int {
        names(in: "/proc/self/fd").count { name in
            guard let target = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(name)")
            else { return false }
            return folder.map { target.hasPrefix($0) } ?? true
        }
    }

    /// Resident memory of this process, in bytes.
    package static var residentMemory: Int {
        let fields = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8))?.split(separator: " ") ?? []
        return fields.count > 1 ? (Int(fields[1]) ?? 0) * 4096 : 0
    }

    private static func names(in folder: String) -> [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    }
}
