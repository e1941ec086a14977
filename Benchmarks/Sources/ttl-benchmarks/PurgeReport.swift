extension Purge {
    /// The rows of one kind of backlog.
    struct Report {
        let kind: String
        let count: Int
        let rounds: Rounds<Contestant, Outcome>
        /// The bounds, in rows a second and in seconds.
        let rate: Double
        let percentile: Double
        let longest: Double

        var rows: [Row] {
            let median = rounds.median(.store) { $0.rate } ?? 0
            let speed = Row(
                "purge of \(Format.count(count)), \(kind)", rounds, target: "≥ " + Format.perSecond(rate),
                isMet: median >= rate, figure: { $0.rate }, format: Format.perSecond)
            return [
                speed,
                row("… the other process, 99th percentile", limit: percentile, Format.milliseconds) { outcomes in
                    outcomes.flatMap { $0.waits }.percentile(99)
                },
                row("… the other process, longest wait", limit: longest, Format.milliseconds) { outcomes in
                    outcomes.map { $0.longestWait }.max() ?? .nan
                },
                row("… longest log", limit: 32 * 1_048_576, Format.mebibytes) { outcomes in
                    outcomes.map { $0.longestLog }.max() ?? .nan
                },
            ]
        }

        /// A figure over all rounds together: a bound holds for the worst of them.
        private func row(
            _ work: String, limit: Double, _ format: (Double) -> String,
            _ figure: ([Outcome]) -> Double
        ) -> Row {
            let (c, grdb, store) = (figure(rounds[.c]), figure(rounds[.grdb]), figure(rounds[.store]))
            func text(_ number: Double, _ format: (Double) -> String) -> String {
                number.isNaN ? "–" : format(number)
            }
            return Row(
                work: work, c: text(c, format), grdb: text(grdb, format), store: format(store),
                toC: text(store / c, Format.ratio), toGRDB: text(store / grdb, Format.ratio),
                target: "≤ " + format(limit), isMet: store <= limit)
        }
    }
}
