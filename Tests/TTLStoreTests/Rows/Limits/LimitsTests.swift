import Testing

@testable import TTLStore

@Suite("Limits, as numbers") struct LimitsTests {
    private func limits(entries: Int? = nil, bytes: Int? = nil) throws -> Limits {
        var configuration = TTLStore.Configuration()
        configuration.maximumEntries = entries
        configuration.maximumBytes = bytes
        return try #require(Limits(configuration, pageSize: 4096))
    }

    @Test("limits are off by default")
    func off() {
        let configuration = TTLStore.Configuration()
        #expect(configuration.maximumEntries == nil)
        #expect(configuration.maximumBytes == nil)
        #expect(Limits(configuration, pageSize: 4096) == nil)
    }

    @Test("limits are exceeded by one more, by a little less for the goal, and by an eighth more for writers")
    func levels() throws {
        let limits = try limits(entries: 6400)
        for (level, bound) in [(Limits.Level.goal, 6300), (.limit, 6400), (.margin, 7200)] {
            #expect(!limits.isExceeded(level, by: .init(entries: bound)))
            #expect(limits.isExceeded(level, by: .init(entries: bound + 1)))
        }
    }

    @Test("limits of a few entries are kept exactly")
    func few() throws {
        for most in 1...7 {
            let limits = try limits(entries: most)
            for level in [Limits.Level.goal, .limit, .margin] {
                #expect(!limits.isExceeded(level, by: .init(entries: most)))
                #expect(limits.isExceeded(level, by: .init(entries: most + 1)))
            }
        }
    }

    @Test("limits of bytes count the pages in use")
    func bytes() throws {
        let limits = try limits(bytes: 1 << 20)
        #expect(!limits.isExceeded(.limit, by: .init(entries: .max, pages: 256)))
        #expect(limits.isExceeded(.limit, by: .init(entries: nil, pages: 257)))
    }

    @Test("limits of entries are not exceeded before the first count")
    func uncounted() throws {
        #expect(try !limits(entries: 1).isExceeded(.limit, by: .init(entries: nil)))
    }

    @Test("limits call for as many evictions as needed, or for all that fit if pages have to be freed")
    func evictions() throws {
        let both = try limits(entries: 640, bytes: 1 << 20)
        #expect(both.evictions(to: .limit, from: .init(entries: 640, pages: 256), width: 64) == 0)
        #expect(both.evictions(to: .limit, from: .init(entries: 643, pages: 256), width: 64) == 3)
        #expect(both.evictions(to: .goal, from: .init(entries: 643, pages: 252), width: 64) == 13)
        #expect(both.evictions(to: .limit, from: .init(entries: 10_000, pages: 256), width: 64) == 64)
        #expect(both.evictions(to: .limit, from: .init(entries: 1, pages: 257), width: 64) == 64)
    }

    @Test("the largest limits overflow nowhere")
    func largest() throws {
        let largest = try limits(entries: .max, bytes: .max)
        for level in [Limits.Level.goal, .limit, .margin] {
            #expect(!largest.isExceeded(level, by: .init(entries: 1 << 62, pages: 1 << 50)))
        }
    }

    @Test(
        "invalid limits are refused",
        arguments: [(0, nil), (-1, nil), (.min, nil), (nil, 0), (nil, -1), (nil, (256 << 10) - 1)] as [(Int?, Int?)])
    func refused(entries: Int?, bytes: Int?) {
        var configuration = TTLStore.Configuration()
        configuration.maximumEntries = entries
        configuration.maximumBytes = bytes
        expectFailure(.invalidConfiguration) { try TTLStore.inMemory(configuration: configuration) }
    }
}
