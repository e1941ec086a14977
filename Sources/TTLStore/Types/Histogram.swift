extension TTLStore {
    /// Durations counted in power-of-two buckets.
    ///
    /// The first bucket ends at one millisecond, and each following bucket at twice the bound of the bucket before it.
    /// So a percentile read from the histogram is less than twice the true one, or one millisecond,.
    public struct Histogram: Hashable, Sendable {
        /// One range of durations.
        public struct Bucket: Hashable, Sendable {
            /// The longest duration in the bucket. The first bucket begins at zero, each following one above the bound
            /// of the bucket before it.
            public let upperBound: Duration
            /// How many durations fell into the bucket.
            public let count: Int
        }

        /// One for each power of two, so that every duration falls into one.
        private static let bucketCount = 64

        private var counts: [Int] = []
        /// How many durations were counted.
        public private(set) var count = 0

        /// An empty histogram.
        public init() {}

        /// From the first bucket to the last one that is not empty.
        public var buckets: [Bucket] {
            counts.indices.map { Bucket(upperBound: Histogram.upperBound($0), count: counts[$0]) }
        }

        /// An upper bound of the percentile: the bound of the bucket that holds it. Nil as long as nothing was counted.
        /// - Parameter percent: from 0 to 100; a lower number counts as 0, a higher one or NaN as 100.
        public func percentile(_ percent: Double) -> Duration? {
            let share = percent.isNaN ? 1 : min(max(percent / 100, 0), 1)
            let rank = max(1, Int((share * Double(count)).rounded(.up)))
            var sum = 0
            for (index, number) in counts.enumerated() {
                sum += number
                if sum >= rank { return Histogram.upperBound(index) }
            }
            return nil
        }

        #if Metrics
        /// The durations counted since `earlier`, a former state of this histogram.
        func since(_ earlier: Histogram) -> Histogram {
            var difference = self
            for (index, number) in earlier.counts.enumerated() { difference.counts[index] -= number }
            difference.count -= earlier.count
            return difference
        }
        #endif

        /// Counts the time from one moment to another. It is zero where the clock was set back in between, and may be
        /// absurdly long where a row got past the schema's constraints.
        mutating func add(from start: Timestamp, to end: Timestamp) {
            let (difference, overflow) = end.subtractingReportingOverflow(start)
            add(overflow ? (start < 0 ? .max : 0) : difference)
        }

        /// Counts a duration; a negative one as zero.
        mutating func add(_ milliseconds: Milliseconds) {
            let index = milliseconds <= 1 ? 0 : Int64.bitWidth - (milliseconds - 1).leadingZeroBitCount
            if index >= counts.count { counts += Array(repeating: 0, count: index + 1 - counts.count) }
            counts[index] += 1
            count += 1
        }

        /// 2⁶³ ms is one more than the longest duration.
        private static func upperBound(_ index: Int) -> Duration {
            .milliseconds(index < bucketCount - 1 ? 1 << Int64(index) : Int64.max)
        }
    }
}
