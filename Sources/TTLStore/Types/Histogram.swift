extension TTLStore {
    /// How many of some lengths of time fell into each of a row of ranges.
    ///
    /// The first range ends with a millisecond, and each of the others where the one before it ends, times two: a
    /// figure that is read from it is less than twice the true one.
    public struct Histogram: Hashable, Sendable {
        /// One range.
        public struct Bucket: Hashable, Sendable {
            /// The longest time that falls into it. The range begins above the bound of the bucket before it, the first
            /// one with zero.
            public let upperBound: Duration
            /// How many times fell into it.
            public let count: Int
        }

        /// As many as there are powers of two, so that every time falls into one.
        private static let bucketCount = 64

        private var counts: [Int] = []
        /// How many times were counted.
        public private(set) var count = 0

        /// An empty one.
        public init() {}

        /// From the first range to the last one that is not empty.
        public var buckets: [Bucket] {
            counts.indices.map { Bucket(upperBound: Histogram.upperBound($0), count: counts[$0]) }
        }

        /// An upper bound of what that many percent of the times were at most: the bound of the bucket that holds the
        /// percentile. Nil as long as nothing was counted.
        /// - Parameter percent: from 0 to 100; a number outside of it counts as the nearer of the two, and NaN as 100.
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
            /// What was counted after `earlier`, which is a former state of this histogram.
            func since(_ earlier: Histogram) -> Histogram {
                var difference = self
                for (index, number) in earlier.counts.enumerated() { difference.counts[index] -= number }
                difference.count -= earlier.count
                return difference
            }
        #endif

        /// Counts the time from one moment to another. Where the clock was set back in between it is zero, and where a
        /// row got past the schema's constraints it may be too long to be true.
        mutating func add(from start: Timestamp, to end: Timestamp) {
            let (difference, overflow) = end.subtractingReportingOverflow(start)
            add(overflow ? (start < 0 ? .max : 0) : difference)
        }

        /// Counts a time, one that is negative as zero.
        mutating func add(_ milliseconds: Milliseconds) {
            let index = milliseconds <= 1 ? 0 : Int64.bitWidth - (milliseconds - 1).leadingZeroBitCount
            if index >= counts.count { counts += Array(repeating: 0, count: index + 1 - counts.count) }
            counts[index] += 1
            count += 1
        }

        /// 2⁶³ ms is one more than the longest time.
        private static func upperBound(_ index: Int) -> Duration {
            .milliseconds(index < bucketCount - 1 ? 1 << Int64(index) : Int64.max)
        }
    }
}
