import Foundation
import TTLStore

/// What the figures were measured on.
enum Machine {
    static func description(folder: String) -> String {
        let cores = ProcessInfo.processInfo.activeProcessorCount
        return "\(processor), \(cores) cores; SQLite \(sqlite); \(swift); \(fileSystem(of: folder)); \(system)."
    }

    private static var processor: String {
        let lines = text("/proc/cpuinfo").split(separator: "\n")
        let model = lines.first { $0.hasPrefix("model name") }?.split(separator: ":").last
        return model.map { $0.trimmingCharacters(in: .whitespaces) } ?? "unknown processor"
    }

    private static var sqlite: String {
        (try? TTLStore.inMemory().statistics().sqliteVersion) ?? "of unknown version"
    }

    /// The compiler on the path, which is the one that built this.
    private static var swift: String {
        let compiler = Process()
        let output = Pipe()
        compiler.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        compiler.arguments = ["swift", "--version"]
        compiler.standardOutput = output
        compiler.standardError = FileHandle.nullDevice
        guard (try? compiler.run()) != nil else { return "Swift of unknown version" }
        let data = (try? output.fileHandleForReading.readToEnd()) ?? nil
        compiler.waitUntilExit()
        let line = String(decoding: data ?? Data(), as: UTF8.self).split(separator: "\n").first ?? ""
        let words = line.split(separator: " ")
        guard let place = words.firstIndex(of: "version"), place + 1 < words.endIndex else { return "Swift" }
        return "Swift \(words[place + 1])"
    }

    private static func fileSystem(of folder: String) -> String {
        let mounts = text("/proc/mounts").split(separator: "\n").map { $0.split(separator: " ") }
        let holding = mounts.filter { $0.count > 2 && isInside(folder, String($0[1])) }
        return holding.max { $0[1].count < $1[1].count }.map { String($0[2]) } ?? "unknown file system"
    }

    private static func isInside(_ folder: String, _ mount: String) -> Bool {
        mount == "/" || folder == mount || folder.hasPrefix(mount + "/")
    }

    private static var system: String { ProcessInfo.processInfo.operatingSystemVersionString }

    private static func text(_ path: String) -> String { (try? String(contentsOfFile: path, encoding: .utf8)) ?? "" }
}

/// What a process holds at a moment, from /proc/self. All zero where there is no /proc.
struct Holdings: Codable {
    var threads = 0
    var descriptors = 0
    /// Resident, in bytes.
    var memory = 0

    static var now: Holdings {
        var holdings = Holdings()
        let files = FileManager.default
        holdings.threads = (try? files.contentsOfDirectory(atPath: "/proc/self/task"))?.count ?? 0
        // One of them is the listing's own.
        holdings.descriptors = (try? files.contentsOfDirectory(atPath: "/proc/self/fd"))?.count ?? 0
        let pages = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8))?.split(separator: " ")
        holdings.memory = (pages.flatMap { $0.count > 1 ? Int($0[1]) : nil } ?? 0) * Int(sysconf(Int32(_SC_PAGESIZE)))
        return holdings
    }
}
