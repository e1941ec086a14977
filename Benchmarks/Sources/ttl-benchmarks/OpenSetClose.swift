import TTLStore

/// The life of a command-line tool: opening an existing file, writing one row, closing.
enum OpenSetClose: Benchmark {
    static let name = "open-set-close"
    static let summary = "open an existing file, write a row, close"

    static func run(_ workshop: Workshop) throws -> [Row] {
        let rows = 1000
        let lives = workshop.options.size(500, quick: 50)
        let material = Material(count: rows)
        let path = try workshop.makeFile(.live(rows))
        defer { Workshop.removeFile(path) }
        let rounds = try Rounds(workshop.options.roundCount) { contestant in
            let time = try seconds {
                for number in 0..<lives { try live(contestant, path, material, number % rows) }
            }
            return time / Double(lives)
        }
        let ratio = rounds.ratio(to: .c) { $0 }
        return [
            Row(
                "open, set, close", rounds, target: "≤ 1.5 × C", isMet: ratio <= 1.5,
                figure: { $0 }, format: Format.microseconds)
        ]
    }

    private static func live(_ contestant: Contestant, _ path: String, _ material: Material, _ number: Int) throws {
        switch contestant {
        case .c: _ = try CStore(path).set(material, [UInt32(number)])
        case .grdb:
            let store = try GRDBStore(path)
            try store.set(material.keys[number], Material.value)
            try store.close()
        case .store:
            let store = try TTLStore(path: path)
            try store.set(material.keys[number], Material.value, expiring: .after(timeToLive))
            store.close()
        }
    }
}
