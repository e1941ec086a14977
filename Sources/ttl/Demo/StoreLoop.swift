import TTLStore

/// The last chapter: many stores, one after the other, and the threads, descriptors and memory afterwards.
struct StoreLoop {
    let stage: Stage
    let folder: String
    let before: ProcessCensus

    /// Caches of the system and of SQLite fill up with the first stores.
    private static let warmUp = 100
    private static let count = 1000
    private static let timeLimit = Duration.seconds(3)
    private static let memoryLimit = 1 << 20

    private enum Ending: String {
        case closed = "opened and closed"
        case dropped = "opened and dropped"
    }

    func run() throws {
        try stage.chapter("Many stores, closed or just forgotten")
        try stage.tell("A map whose ticker nobody stops leaks a thread each time. Not this one:")
        try stage.tell("")
        try stage.tell(row("", "threads", "descriptors", "memory", "time"))
        try show("before", before)
        try useStore(.closed) { try $0.set("key", "value") }
        try use(StoreLoop.warmUp, .closed)
        let warm = ProcessCensus()
        try show("\(StoreLoop.warmUp) \(Ending.closed.rawValue)", warm)
        let closed = try round(.closed)
        let dropped = try round(.dropped)
        try stage.tell("")
        try stage.check(
            "threads and descriptors are what they were before the first store",
            [warm, closed, dropped].allSatisfy { $0.isLevel(with: before) })
        if let start = warm.memory, let end = dropped.memory {
            let growth = end - start
            try stage.check(
                "memory \(growth > 0 ? "grew by \(Figures.bytes(growth))" : "did not grow") after the first "
                    + "\(StoreLoop.warmUp), less than \(Figures.bytes(StoreLoop.memoryLimit))",
                growth < StoreLoop.memoryLimit)
        }
    }

    private func round(_ ending: Ending) throws -> ProcessCensus {
        let began = ContinuousClock.now
        let done = try use(StoreLoop.count, ending)
        let time = ContinuousClock.now - began
        let census = ProcessCensus()
        try show("\(Figures.grouped(done)) \(ending.rawValue)", census, time: Figures.time(time / max(1, done)))
        return census
    }

    /// Opens that many stores, or as many as the time allows, and reads a value from each.
    /// - Returns: how many stores were opened.
    @discardableResult
    private func use(_ count: Int, _ ending: Ending) throws -> Int {
        let began = ContinuousClock.now
        for number in 1...count {
            try Interrupts.check()
            try useStore(ending) { store in
                guard try store.get("key") == "value" else { throw CommandFailure(message: "demo: a value is lost") }
            }
            if ContinuousClock.now - began > StoreLoop.timeLimit { return number }
        }
        return count
    }

    private func useStore(_ ending: Ending, _ body: (TTLStore) throws -> Void) throws {
        let store = try TTLStore(path: folder + "/loop.db")
        try body(store)
        if ending == .closed { store.close() }
    }

    private func show(_ name: String, _ census: ProcessCensus, time: String = "") throws {
        try stage.tell(row(name, census.threadCount, census.descriptorCount, census.memoryText, time))
    }

    private func row(_ name: String, _ columns: String...) -> String {
        Figures.left(name, 24) + columns.filter { !$0.isEmpty }.map { Figures.right($0, 12) }.joined()
    }
}
