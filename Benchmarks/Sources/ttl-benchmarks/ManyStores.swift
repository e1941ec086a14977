import Foundation
import TTLStore

/// Stores that are opened, used and left again, closed or just dropped: nothing may stay behind.
enum ManyStores: Benchmark {
    static let name = "many-stores"
    static let summary = "10,000 stores opened and closed, and again dropped: threads, descriptors, memory"

    static func run(_ workshop: Workshop) throws -> [Row] {
        let count = workshop.options.size(10_000, quick: 500)
        // Each has a file of its own, and no time is measured, so they do it side by side.
        let paths = try Contestant.allCases.map { _ in try workshop.makeFile(.live(1000)) }
        defer { paths.forEach(Workshop.removeFile) }
        return try [true, false].map { closes in
            let children = try zip(Contestant.allCases, paths).map { contestant, path in
                try Child(
                    .manyStores(Task(contestant: contestant.rawValue, path: path, count: count, closes: closes)))
            }
            let results = try zip(Contestant.allCases, children).map { contestant, child -> Result? in
                let result = { try JSONDecoder().decode(Result.self, from: try child.finish()) }
                // A peer may run out of descriptors; the store may not.
                return contestant == .store ? try result() : try? result()
            }
            return row("\(Format.count(count)) stores \(closes ? "closed" : "dropped")", results)
        }
    }

    private static func row(_ work: String, _ results: [Result?]) -> Row {
        let texts = results.map { result in
            guard let result else { return "failed" }
            let (begin, end) = (result.begin, result.end)
            return """
                \(Format.growth(result.growth)), \(signed(end.threads - begin.threads)) threads, \
                \(signed(end.descriptors - begin.descriptors)) descriptors
                """
        }
        guard let store = results[2] else { preconditionFailure("the store's own result is never left out") }
        return Row(
            work: work, c: texts[0], grdb: texts[1], store: texts[2],
            target: "< 1 MiB, 0 threads, 0 descriptors",
            isMet: store.growth < 1_048_576 && store.end.threads <= store.begin.threads
                && store.end.descriptors <= store.begin.descriptors)
    }

    private static func signed(_ number: Int) -> String { number > 0 ? "+\(number)" : String(number) }

    /// What a child does.
    struct Task: Codable {
        var contestant: String
        var path: String
        var count: Int
        /// Otherwise the store is dropped. C has no such thing.
        var closes: Bool

        func run() throws -> Result {
            guard let contestant = Contestant(rawValue: contestant) else { throw WrongResult("unknown contestant") }
            let material = Material(count: 1000)
            var result = Result(begin: .now)
            for number in 0..<count {
                try use(contestant, material, number % 1000)
                if number == 99 { result.afterHundred = .now }
            }
            result.end = .now
            return result
        }

        private func use(_ contestant: Contestant, _ material: Material, _ number: Int) throws {
            let key = material.keys[number]
            switch contestant {
            case .c:
                let store = try CStore(path)
                _ = try store.set(material, [UInt32(number)])
                _ = try store.get(material, [UInt32(number)])
            case .grdb:
                let store = try GRDBStore(path)
                try store.set(key, Material.value)
                _ = try store.get(key)
                if closes { try store.close() }
            case .store:
                let store = try TTLStore(path: path)
                try store.set(key, Material.value, expiring: .after(timeToLive))
                _ = try store.get(key)
                if closes { store.close() }
            }
        }
    }

    struct Result: Codable {
        var begin: Holdings
        var afterHundred = Holdings()
        var end = Holdings()

        /// Of resident memory after the first hundred stores, in bytes.
        var growth: Double { Double(end.memory - afterHundred.memory) }
    }
}
