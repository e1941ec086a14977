import TTLStore

/// Prints entries, also of a damaged store: what can't be read is passed over, and told at the end.
struct Exporter {
    private let store: TTLStore
    private let selection: TTLStore.Selection
    private let format: ExportCommand.Format
    private let bar: ProgressBar
    private let total: Int
    private var output = Output(isInterruptible: !Output.isFile)
    private var count = 0
    /// The latest key, as long as entries come sorted by key.
    private var lastKey: String?
    private var gaps: [ClosedRange<Int64>] = []

    init(_ store: TTLStore, _ selection: TTLStore.Selection, _ format: ExportCommand.Format, _ bar: ProgressBar) {
        (self.store, self.selection, self.format, self.bar) = (store, selection, format, bar)
        // Of a damaged store, no number can be told before.
        total = bar.isShown ? (try? store.count(selection)) ?? 0 : 0
    }

    mutating func run() throws {
        var isWhole = true
        do {
            try store.allEntries(selection).forEach { entry in
                try write(entry)
                lastKey = entry.key
            }
        } catch let error as TTLStoreError where [.corrupt, .ioError, .valueTooLarge].contains(error.code) {
            isWhole = false
            try goOn()
        }
        try output.flush()
        if Output.isFile { try Output.confirm() }
        bar.clear()
        if !isWhole { throw CommandFailure(message: "export: \(explanation)") }
    }

    /// Prints the rest, in the order of the rows.
    private mutating func goOn() throws {
        var row: Int64?
        repeat {
            let page = try store.salvage(selection, after: row)
            for entry in page.entries where isNew(entry) { try write(entry) }
            if let gap = page.unreadable { gaps.append(gap) }
            row = page.next
            try Interrupts.check()
        } while row != nil
    }

    private func isNew(_ entry: TTLStore.Entry) -> Bool {
        lastKey.map { $0.utf8.lexicographicallyPrecedes(entry.key.utf8) } ?? true
    }

    private mutating func write(_ entry: TTLStore.Entry) throws {
        let line = EntryLine(entry)
        switch format {
        case .json: output.write(line.appendJSON)
        case .resp: output.write(line.appendRedisCommand)
        }
        count += 1
        guard output.isLarge else { return }
        try output.flush()
        try Interrupts.check()
        bar.show(count, of: total)
    }

    /// The most gaps that are told one by one.
    private static let longestList = 5

    private var explanation: String {
        guard !gaps.isEmpty else {
            return "an index is damaged: entries may be missing, and come only in part in the order of the keys; "
                + "see 'ttl check'"
        }
        let shown = gaps.prefix(Exporter.longestList).map(Exporter.text)
        let rest = gaps.count - shown.count
        let list = shown.joined(separator: ", ") + (rest > 0 ? ", and \(rest) gaps more" : "")
        return "\(list) can't be read, so entries are missing; see 'ttl check'"
    }

    private static func text(_ gap: ClosedRange<Int64>) -> String {
        switch (gap.lowerBound, gap.upperBound) {
        case (.min, .max): "all rows"
        case (.min, let end): "rows up to \(end)"
        case (let begin, .max): "rows from \(begin) on"
        case (let begin, let end): begin == end ? "row \(begin)" : "rows \(begin) to \(end)"
        }
    }
}
