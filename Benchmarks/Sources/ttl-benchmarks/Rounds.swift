/// Who does the same work.
enum Contestant: String, CaseIterable {
    case c, grdb, store
}

/// What the store does with and without something, to be compared with itself.
enum Variant: CaseIterable {
    case without, with
}

/// What each party did in each round.
struct Rounds<Party: Hashable, Result> {
    private var results: [Party: [Result]] = [:]

    /// In each round every contestant takes a turn, each round beginning with another one, so that none always follows
    /// the same predecessor and a slow minute of the machine hits all.
    init(_ count: Int, among parties: [Party], _ turn: (Party) throws -> Result) rethrows {
        for round in 0..<count {
            for place in parties.indices {
                let party = parties[(round + place) % parties.count]
                results[party, default: []].append(try turn(party))
            }
        }
    }

    /// Empty for a party that did not take part.
    subscript(_ party: Party) -> [Result] { results[party, default: []] }

    /// The median of one party's figures; nil if it did not take part.
    func median(_ party: Party, _ figure: (Result) -> Double) -> Double? {
        self[party].isEmpty ? nil : self[party].map(figure).median
    }

    /// The median over the rounds of one party's figure divided by another's; nil if either did not take part.
    func ratio(of one: Party, to other: Party, _ figure: (Result) -> Double) -> Double? {
        let ratios = zip(self[one], self[other]).map { figure($0) / figure($1) }
        return ratios.isEmpty ? nil : ratios.median
    }
}

extension Rounds where Party == Contestant {
    /// All contestants.
    init(_ count: Int, _ turn: (Contestant) throws -> Result) rethrows {
        try self.init(count, among: Contestant.allCases, turn)
    }

    func ratio(to other: Contestant, _ figure: (Result) -> Double) -> Double {
        ratio(of: .store, to: other, figure) ?? .nan
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
