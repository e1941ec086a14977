/// Who does the same work.
enum Contestant: String, CaseIterable {
    case c, grdb, store
}

/// What each contestant did in each round.
struct Rounds<Result> {
    private var results: [Contestant: [Result]] = [:]

    /// In each round everybody takes a turn, each round beginning with another one, so that nobody always follows the
    /// same predecessor and a slow minute of the machine hits all.
    init(_ count: Int, _ turn: (Contestant) throws -> Result) rethrows {
        let all = Contestant.allCases
        for round in 0..<count {
            for place in all.indices {
                let contestant = all[(round + place) % all.count]
                results[contestant, default: []].append(try turn(contestant))
            }
        }
    }

    subscript(_ contestant: Contestant) -> [Result] { results[contestant, default: []] }

    /// The median of one contestant's figures.
    func median(_ contestant: Contestant, _ figure: (Result) -> Double) -> Double {
        self[contestant].map(figure).median
    }

    /// The median over the rounds of the store's figure divided by another's.
    func ratio(to other: Contestant, _ figure: (Result) -> Double) -> Double {
        zip(self[.store], self[other]).map { figure($0) / figure($1) }.median
    }
}

extension [Double] {
    var median: Double { percentile(50) }

    /// By nearest rank; the median of an even number is the mean of the middle two.
    func percentile(_ percent: Double) -> Double {
        guard !isEmpty else { return .nan }
        let sorted = sorted()
        if percent == 50, count.isMultiple(of: 2) { return (sorted[count / 2 - 1] + sorted[count / 2]) / 2 }
        let rank = (percent / 100 * Double(count)).rounded(.up)
        return sorted[Swift.min(count - 1, Swift.max(0, Int(rank) - 1))]
    }
}
