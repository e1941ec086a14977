import Testing

@testable import TTLStore

/// Memory answers that many look-ups while `body` runs.
func expectAnswers(
    _ count: Int, _ store: TTLStore, sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> Void
) throws {
    try expectAnswers(count...count, store, sourceLocation: sourceLocation, body)
}

func expectAnswers(
    _ counts: ClosedRange<Int>, _ store: TTLStore, sourceLocation: SourceLocation = #_sourceLocation,
    _ body: () throws -> Void
) throws {
    let before = try store.statistics().memoryAnswers
    try body()
    let answers = try store.statistics().memoryAnswers - before
    #expect(counts.contains(answers), sourceLocation: sourceLocation)
}
