import Testing

@Suite("A store and its model") struct ModelTests {
    /// To repeat a failure, run its seed alone.
    private func run(seeds: Range<UInt64>, steps: Int, setting: (UInt64) -> Setting) async {
        for seed in seeds {
            do {
                var operations = try RandomOperations(seed: seed, setting: setting(seed))
                try await operations.run(steps: steps)
            } catch {
                Issue.record("seed \(seed), \(setting(seed).testDescription): \(error)")
                return
            }
        }
    }

    @Test("a store in memory does what a dictionary with one rule of expiry does", arguments: 0..<4)
    func inMemory(part: UInt64) async {
        await run(seeds: part * 750..<(part + 1) * 750, steps: 60) { seed in
            Setting(form: seed % 8 == 0 ? .suspending : .synchronous, place: .memory)
        }
    }

    @Test("a store in a file does so as well, across reopening and purging", arguments: 0..<2)
    func inFile(part: UInt64) async {
        await run(seeds: 10_000 + part * 60..<10_000 + (part + 1) * 60, steps: 150) { seed in
            Setting(form: seed % 4 == 0 ? .suspending : .synchronous, place: .file)
        }
    }
}
