import Testing

@Suite("A store and its model") struct ModelTests {
    @Test("a store in memory does what a dictionary with one rule of expiry does", arguments: ModelSeeds.all(runs: 900))
    func inMemory(seeds: ModelSeeds) async {
        await seeds.run(steps: 60) { seed in
            try RandomOperations(
                seed: seed, setting: Setting(form: seed % 8 == 0 ? .suspending : .synchronous, place: .memory))
        }
    }

    @Test(
        "a store in a file does what its model does, across reopening and purging", arguments: ModelSeeds.all(runs: 45))
    func inFile(seeds: ModelSeeds) async {
        await seeds.run(steps: 150) { seed in
            try RandomOperations(
                seed: seed, setting: Setting(form: seed % 4 == 0 ? .suspending : .synchronous, place: .file))
        }
    }
}
