import CTTLBenchmarkLoops
import TTLStore

/// Hot reads, against those of LMDB.
enum MemoryBesideLMDB: Benchmark {
    static let name = "memory-lmdb"
    static let summary = "hot reads from memory, against LMDB in C, if compiled with TTL_LMDB=1"

    /// The store's keys and LMDB's are the same, and are read in the same order. LMDB copies each value into one
    /// buffer; the store returns it as a `String`.
    static func run(_ workshop: Workshop) throws -> [Row] {
        let count = workshop.options.size(10_000, quick: 1000)
        let work = "get, \(Format.count(count)) keys, hot, beside LMDB"
        guard ttl_bench_has_lmdb() else { return [Row(work: work, store: "left out: compiled without LMDB")] }
        let subject = try ReadSubject(workshop, count: count, reads: workshop.options.size(1_000_000, quick: 2000))
        defer { subject.remove() }
        let material = Material(count: count)
        let other = try LMDBStore(workshop.newPath(), material)
        let rounds = try Rounds(subject.rounds, among: Variant.allCases) { variant in
            switch variant {
            case .with:
                let store = try subject.open(.with)
                defer { store.close() }
                try subject.prepare(store)
                return try seconds { try subject.reads(store) } / Double(subject.order.count)
            case .without:
                try Get.expectAll(try other.get(material, subject.order), subject.order.count)
                return try seconds { _ = try other.get(material, subject.order) } / Double(subject.order.count)
            }
        }
        return [Row(work, rounds, to: "LMDB", limit: 0.5, figure: { $0 }, format: Format.nanoseconds)]
    }
}

/// A file of LMDB's with all keys of a material. It is removed with the folder of the run.
private final class LMDBStore {
    private let handle: OpaquePointer

    init(_ path: String, _ material: Material) throws {
        var made: OpaquePointer?
        let code = ttl_bench_lmdb_make(path, material.flatKeys, Int64(material.keys.count), &made)
        guard code == 0, let made else { throw WrongResult("LMDB failed with code \(code)") }
        handle = made
    }

    deinit { ttl_bench_lmdb_close(handle) }

    /// Returns the bytes read.
    func get(_ material: Material, _ order: [UInt32]) throws -> Int {
        var bytes: Int64 = 0
        let code = ttl_bench_lmdb_get(handle, material.flatKeys, order, Int64(order.count), &bytes)
        guard code == 0 else { throw WrongResult("a read of LMDB failed with code \(code)") }
        return Int(bytes)
    }
}
