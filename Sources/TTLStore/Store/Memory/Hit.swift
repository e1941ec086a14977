/// What was found under a key.
enum Hit<Content: RowContent>: Sendable {
    /// In memory: the row, what is kept beside it, and the time of the look-up. The content is copied where it is
    /// needed, and not where what is kept serves.
    case row(Remembered, KeptContent?, at: Timestamp)
    /// In the file alone.
    case file(Content)

    /// - Parameter row: a live one. The lock of its shard is held.
    init(_ row: Remembered, at now: Timestamp) { self = .row(row, row.kept, at: now) }

    var content: Content? {
        switch self {
        case .row(let row, _, let now): Content(row, at: now)
        case .file(let content): content
        }
    }

    /// What is kept beside the row, if it is of that type.
    func kept<Made: Sendable>(of type: Made.Type) -> KeptContent? {
        guard case .row(_, let kept?, _) = self, kept.isContent(of: type) else { return nil }
        return kept
    }
}

/// What a row in memory holds for a read.
protocol RowContent: Sendable {
    /// Nil where the key has no row.
    init?(_ row: Remembered, at now: Timestamp)
}

extension TTLStore.Value: RowContent {
    init?(_ row: Remembered, at now: Timestamp) {
        guard let value = row.value else { return nil }
        self = value
    }
}

extension TTLStore.Entry: RowContent {
    init?(_ row: Remembered, at now: Timestamp) {
        guard let value = row.value else { return nil }
        self.init(
            key: row.key.text, value: value, expiresAt: row.expiresAt.map(TimeConversion.date),
            remaining: row.expiresAt.map { TimeConversion.duration(from: now, to: $0) },
            createdAt: TimeConversion.date(row.createdAt), updatedAt: TimeConversion.date(row.updatedAt),
            revision: TTLStore.Revision(number: row.revision), tag: row.tag)
    }
}

extension ComputePlan.Sighting: RowContent {
    init?(_ row: Remembered, at now: Timestamp) {
        guard let value = row.value else { return nil }
        self = .fresh(value, writtenAt: row.updatedAt)
    }
}
