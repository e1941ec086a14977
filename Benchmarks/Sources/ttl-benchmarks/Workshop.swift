import CTTLBenchmarkLoops
import Foundation

/// The folder in which the databases of a run lie, and how they are made.
final class Workshop {
    let options: Options
    let folder: String
    private var number = 0

    init(_ options: Options) throws {
        self.options = options
        let parent = options.folder ?? FileManager.default.temporaryDirectory.path
        folder = parent + "/ttl-benchmarks-\(ProcessInfo.processInfo.processIdentifier)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
    }

    func remove() { try? FileManager.default.removeItem(atPath: folder) }

    /// A path that names nothing yet.
    func newPath() -> String {
        number += 1
        return "\(folder)/\(number).db"
    }

    /// Makes a file with the store's schema and these rows. Durable, so that no contestant's first checkpoint pays for
    /// it.
    func makeFile(_ rows: ttl_bench_rows) throws -> String {
        let path = newPath()
        try check(ttl_bench_execute(path, try Workshop.schema()), "the schema of \(path)")
        try check(ttl_bench_fill(path, rows), "filling \(path)")
        try Workshop.flush(path)
        return path
    }

    /// Hands a durable copy to `body` and removes it afterwards.
    func withCopy<Result>(of path: String, _ body: (String) throws -> Result) throws -> Result {
        let copy = newPath()
        defer { Workshop.removeFile(copy) }
        try FileManager.default.copyItem(atPath: path, toPath: copy)
        try Workshop.flush(copy)
        return try body(copy)
    }

    static func removeFile(_ path: String) {
        for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + suffix) }
    }

    private static func flush(_ path: String) throws {
        let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
        try file.synchronize()
        try file.close()
    }

    /// The migrations that the store itself runs, without the lines that only the shell understands.
    private static func schema() throws -> String {
        let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../..")
        let folder = package.appendingPathComponent("Migrations")
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".sql") }
        return try names.sorted().map { name in
            let text = try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
            return text.split(separator: "\n").filter { !$0.hasPrefix(".") }.joined(separator: "\n")
        }.joined(separator: "\n")
    }
}

/// What all contestants write.
struct Material {
    /// One after another, each with a NUL, for C.
    let flatKeys: [CChar]
    let keys: [String]

    /// The value of every row: 200 bytes.
    static let value: String = {
        var bytes = [CChar](repeating: 0, count: Int(TTL_BENCH_VALUE_LENGTH) + 1)
        ttl_bench_value(&bytes)
        return string(bytes)
    }()

    /// Keys number 0 to `count` - 1.
    init(count: Int) {
        let width = Int(TTL_BENCH_KEY_LENGTH) + 1
        var flat = [CChar](repeating: 0, count: count * width)
        flat.withUnsafeMutableBufferPointer { buffer in
            for number in 0..<count { ttl_bench_key(buffer.baseAddress! + number * width, UInt64(number)) }
        }
        flatKeys = flat
        keys = (0..<count).map { Material.string(flat[$0 * width..<($0 + 1) * width]) }
    }

    private static func string(_ bytes: some Sequence<CChar>) -> String {
        String(decoding: bytes.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

/// A repeatable order.
struct Dice: RandomNumberGenerator {
    private var state: UInt64 = 0

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

extension ttl_bench_rows {
    /// Rows that live for another day.
    static func live(_ count: Int, integers: Bool = false) -> ttl_bench_rows {
        ttl_bench_rows(
            first: 0, count: Int64(count), expiry: ttl_bench_wall() + 86_400_000, step: 1, range: 0,
            integers: integers)
    }
}
