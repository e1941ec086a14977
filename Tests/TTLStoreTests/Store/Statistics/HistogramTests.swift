import TTLTestSupport
import Testing

@testable import TTLStore

@Suite("A histogram") struct HistogramTests {
    private func histogram(_ times: [Milliseconds]) -> TTLStore.Histogram {
        var histogram = TTLStore.Histogram()
        for time in times { histogram.add(time) }
        return histogram
    }

    @Test("an empty histogram has no buckets and no percentiles")
    func empty() {
        let histogram = TTLStore.Histogram()
        #expect(histogram.count == 0)
        #expect(histogram.buckets.isEmpty)
        #expect(histogram.percentile(50) == nil)
    }

    @Test("the buckets of a histogram double from a millisecond on, each with its upper bound")
    func ranges() {
        let histogram = histogram([0, 1, 2, 3, 4, 5, 8, 9, 9])
        #expect(histogram.buckets.map(\.upperBound) == [1, 2, 4, 8, 16].map { .milliseconds($0) })
        #expect(histogram.buckets.map(\.count) == [2, 1, 2, 2, 2])
        #expect(histogram.count == 9)
    }

    @Test("a histogram puts every duration into the lowest bucket whose bound it does not exceed", arguments: 0..<63)
    func bounds(exponent: Int) {
        let bound = Int64(1) << Int64(exponent)
        for time in Set([bound - 1, bound, bound + 1]) {
            let percentile = histogram([time]).percentile(100)
            #expect(percentile.map { $0 >= .milliseconds(time) } == true, "\(time)")
            #expect(percentile.map { $0 == .milliseconds(1) || $0 / 2 < .milliseconds(time) } == true, "\(time)")
        }
        #expect(histogram([bound]).percentile(100) == .milliseconds(bound))
    }

    @Test("a histogram counts any number, also negative ones and the largest")
    func extremes() {
        #expect(histogram([.min, -1, 0]).percentile(100) == .milliseconds(1))
        #expect(histogram([.max]).percentile(100) == .milliseconds(Int64.max))
        var histogram = TTLStore.Histogram()
        histogram.add(from: .min, to: 1_800_000_000_000)
        #expect(histogram.percentile(100) == .milliseconds(Int64.max))
        histogram = TTLStore.Histogram()
        histogram.add(from: .max, to: 1_800_000_000_000)
        histogram.add(from: 10, to: 5)
        histogram.add(from: .max, to: .min)
        #expect(histogram.percentile(100) == .milliseconds(1))
    }

    @Test("a percentile is the bound of the bucket that holds it, for any number of percents")
    func percentiles() {
        let histogram = histogram(Array(repeating: 3, count: 98) + [100, 1000])
        #expect(histogram.percentile(-1) == .milliseconds(4))
        #expect(histogram.percentile(0) == .milliseconds(4))
        #expect(histogram.percentile(98) == .milliseconds(4))
        #expect(histogram.percentile(98.1) == .milliseconds(128))
        #expect(histogram.percentile(99) == .milliseconds(128))
        #expect(histogram.percentile(99.5) == .milliseconds(1024))
        #expect(histogram.percentile(100) == .milliseconds(1024))
        #expect(histogram.percentile(.infinity) == .milliseconds(1024))
        #expect(histogram.percentile(.nan) == .milliseconds(1024))
    }

    /// Compared with the sorted list of the durations themselves.
    @Test("a percentile is at least the true one, and less than twice as much", arguments: 0..<50 as Range<UInt64>)
    func upperBound(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let times = (0..<Int.random(in: 1...500, using: &generator)).map { _ in
            Int64.random(in: 1...(1 << Int64.random(in: 1...40, using: &generator)), using: &generator)
        }
        let sorted = times.sorted()
        let histogram = histogram(times)
        for percent in 1...100 {
            let rank = (percent * times.count + 99) / 100
            let exact = Duration.milliseconds(sorted[rank - 1])
            let told = try #require(histogram.percentile(Double(percent)))
            #expect(told >= exact && told < exact * 2, "seed \(seed), \(percent) %")
        }
    }
}
