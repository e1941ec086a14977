extension Purge {
    /// The four rows of one kind of backlog.
    struct Report {
        let kind: String
        let count: Int
        let rounds: Rounds<Outcome>

        var rows: [Row] {
            let rate = rounds.median(.store) { $0.rate }
            return [
                Row(
                    "purge of \(Format.count(count)), \(kind)", rounds, target: "≥ 80,000/s", isMet: rate >= 80_000,
                    figure: { $0.rate }, format: Format.perSecond),
                row("… another process, 99th percentile", limit: 0.025, Format.milliseconds) { outcomes in
                    outcomes.flatMap { $0.waits }.percentile(99)
                },
                row("… another process, longest wait", limit: 0.050, Format.milliseconds) { outcomes in
                    outcomes.map { $0.longestWait }.max() ?? .nan
                },
                row("… longest log", limit: 32 * 1_048_576, Format.mebibytes) { outcomes in
                    outcomes.map { $0.longestLog }.max() ?? .nan
                },
            ]
        }

        /// A figure over all rounds together: a bound holds for the worst of them.
        private func row(
            _ work: String, limit: Double, _ format: (Double) -> String, _ figure: ([Outcome]) -> Double
        ) -> Row {
            let (c, grdb, store) = (figure(rounds[.c]), figure(rounds[.grdb]), figure(rounds[.store]))
            return Row(
                work: work, c: format(c), grdb: format(grdb), store: format(store), toC: Format.ratio(store / c),
                toGRDB: Format.ratio(store / grdb), target: "≤ " + format(limit), isMet: store <= limit)
        }
    }
}
