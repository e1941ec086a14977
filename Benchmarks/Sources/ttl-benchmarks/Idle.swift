import CTTLBenchmarkLoops
import Foundation
import TTLStore

/// An idle open store with many live rows.
enum Idle: Benchmark {
    static let name = "idle"
    static let summary = "60 s without work and with 1,000,000 live rows: wake-ups and memory"

    static func run(_ workshop: Workshop) throws -> [Row] {
        let count = workshop.options.size(1_000_000, quick: 20_000)
        let time = workshop.options.size(60, quick: 5)
        let full = try workshop.makeFile(.live(count))
        let empty = try workshop.makeFile(.live(0))
        defer { for path in [full, empty] { Workshop.removeFile(path) } }
        // They only sleep, so they do it side by side.
        let children = try Contestant.allCases.map { contestant in
            try [full, empty].map {
                try Child(.idle(Task(contestant: contestant.rawValue, path: $0, seconds: time)))
            }
        }
        let results = try children.map { pair in
            try pair.map { try JSONDecoder().decode(Result.self, from: try $0.finish()) }
        }
        let texts = results.map { Format.mebibytes(Double($0[0].memory - $0[1].memory)) }
        let store = results[2]
        let memory = Row(
            work: "idle with \(Format.count(count)) rows, memory above an empty store", c: texts[0], grdb: texts[1],
            store: texts[2], target: "≤ 16 MiB", isMet: store[0].memory - store[1].memory <= 16 * 1_048_576)
        // The first 100 ms belong to opening; then there is one wake-up a minute.
        let wakeUps = Row(
            work: "… wake-ups in \(time) s", store: String(store[0].wakeUps), target: "≤ 2",
            isMet: store[0].wakeUps <= 2)
        return [memory, wakeUps]
    }

    /// What a child does.
    struct Task: Codable {
        var contestant: String
        var path: String
        var seconds: Int

        func run() throws -> Result {
            guard let contestant = Contestant(rawValue: contestant) else { throw WrongResult("unknown contestant") }
            let material = Material(count: 1)
            switch contestant {
            case .c:
                let store = try CStore(path)
                _ = try store.get(material, [0])
                return rest { 0 }
            case .grdb:
                let store = try GRDBStore(path)
                _ = try store.get(material.keys[0])
                return rest { 0 }
            case .store:
                let store = try TTLStore(path: path)
                _ = try store.get(material.keys[0])
                return try rest { try store.statistics().wakeUps }
            }
        }

        private func rest(_ wakeUps: () throws -> Int) rethrows -> Result {
            // After the first look, which is a part of opening.
            usleep(500_000)
            let begin = try wakeUps()
            usleep(UInt32(seconds) * 1_000_000)
            let memory = Holdings.now.memory
            return Result(memory: memory, wakeUps: try wakeUps() - begin)
        }
    }

    struct Result: Codable {
        /// Resident, in bytes.
        var memory: Int
        var wakeUps: Int
    }
}
