extension Purge {
    /// The rows of one kind of backlog.
    struct Report {
        let kind: String
        let count: Int
        let rounds: Rounds<Contestant, Outcome>
        /// Of the store alone, beside another process that makes no checkpoints.
        let quietRounds: Rounds<Contestant, Outcome>

        var rows: [Row] {
            let rate = rounds.median(.store) { $0.rate } ?? 0
            let speed = Row(
                "purge of \(Format.count(count)), \(kind)", rounds, target: "≥ 80,000/s", isMet: rate >= 80_000,
                figure: { $0.rate }, format: Format.perSecond)
            let log = row("… longest log", rounds, limit: 32 * 1_048_576, Format.mebibytes) { outcomes in
                outcomes.map { $0.longestLog }.max() ?? .nan
            }
            return [speed] + waits("another process", rounds) + [log]
                + waits("another process without checkpoints of its own", quietRounds)
        }

        private func waits(_ other: String, _ rounds: Rounds<Contestant, Outcome>) -> [Row] {
            [
                row("… \(other), 99th percentile", rounds, limit: 0.025, Format.milliseconds) { outcomes in
                    outcomes.flatMap { $0.waits }.percentile(99)
                },
                row("… \(other), longest wait", rounds, limit: 0.050, Format.milliseconds) { outcomes in
                    outcomes.map { $0.longestWait }.max() ?? .nan
                },
            ]
        }

        /// A figure over all rounds together: a bound holds for the worst of them.
        private func row(
            _ work: String, _ rounds: Rounds<Contestant, Outcome>, limit: Double, _ format: (Double) -> String,
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
