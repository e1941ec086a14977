import Testing

@Suite("A store with a limit and its model") struct EvictionModelTests {
    @Test(
        "a store and its model evict the same entries, and the store knows the number of its rows",
        arguments: ModelSeeds.all(runs: 100))
    func anyOperations(seeds: ModelSeeds) async {
        await seeds.run(steps: 100) { seed in
            try RandomOperations(seed: seed, setting: seed % 10 == 0 ? .inFile : .inMemory, isLimited: true)
        }
    }
}
