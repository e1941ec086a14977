#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// The threads, descriptors and memory of this process at the moment, as counted by the kernel; nil where the system
/// does not report them.
struct ProcessCensus {
    /// The threads' names, sorted.
    let threads: [String]?
    let descriptors: Int?
    /// Resident memory, in bytes.
    let memory: Int?

    init() {
        #if os(Linux)
        threads = ProcessCensus.names(in: "/proc/self/task")?.map { task in
            ProcessCensus.contents(of: "/proc/self/task/\(task)/comm").split(separator: "\n").first.map(String.init)
                ?? "unnamed"
        }.sorted()
        let pages = ProcessCensus.contents(of: "/proc/self/statm").split(separator: " ").dropFirst().first
        memory = pages.flatMap { Int($0) }.map { $0 * Int(getpagesize()) }
        let list = "/proc/self/fd"
        #else
        threads = nil
        memory = nil
        let list = "/dev/fd"
        #endif
        // The list includes the descriptor through which it was read, which is closed by now.
        descriptors = ProcessCensus.names(in: list)?.compactMap { Int32($0) }.count { fcntl($0, F_GETFD) >= 0 }
    }

    /// Whether threads and descriptors are the same as in `other`, as far as the system reports them.
    func isLevel(with other: ProcessCensus) -> Bool { threads == other.threads && descriptors == other.descriptors }

    /// `2: TTLStore.expire, ttl`
    var threadList: String { threads.map { "\($0.count): \($0.joined(separator: ", "))" } ?? "?" }

    var threadCount: String { threads.map { String($0.count) } ?? "?" }

    var descriptorCount: String { descriptors.map(String.init) ?? "?" }

    var memoryText: String { memory.map(Figures.bytes) ?? "?" }

    private static func names(in folder: String) -> [String]? {
        try? FileManager.default.contentsOfDirectory(atPath: folder)
    }

    /// The beginning of a short file of the kernel, which reports no size.
    private static func contents(of path: String) -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return "" }
        defer { close(descriptor) }
        var buffer = [UInt8](repeating: 0, count: 256)
        let count = read(descriptor, &buffer, buffer.count)
        return String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
    }
}
