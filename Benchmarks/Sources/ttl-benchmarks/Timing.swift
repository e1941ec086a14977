import CTTLBenchmarkLoops

/// A steady clock, in seconds.
func seconds(_ work: () throws -> Void) rethrows -> Double {
    let begun = ContinuousClock.now
    try work()
    return (ContinuousClock.now - begun).inSeconds
}

extension Duration {
    var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}

/// The nanoseconds that each of `count` calls takes.
@inline(__always)
func timed(_ count: Int, _ call: (Int) throws -> Void) rethrows -> [Int64] {
    var times = [Int64](repeating: 0, count: count)
    for place in 0..<count {
        let begun = ttl_bench_steady()
        try call(place)
        times[place] = ttl_bench_steady() - begun
    }
    return times
}

/// How long the calls of one turn took, in seconds for each.
struct CallTimes {
    var mean: Double
    var median: Double
    /// The 99.9th percentile.
    var tail: Double

    /// - Parameter loop: makes the calls, and returns the nanoseconds of each.
    init(_ loop: () throws -> [Int64]) rethrows {
        var times: [Int64] = []
        let time = try seconds { times = try loop() }
        let calls = times.map { Double($0) / 1e9 }
        mean = time / Double(calls.count)
        median = calls.median
        tail = calls.percentile(99.9)
    }
}
