import Synchronization

/// The numbers of stores and threads in this process.
enum LiveCounts {
    static let stores = Atomic<Int>(0)
    static let threads = Atomic<Int>(0)

    /// Called in a forked child, which has inherited none of the threads and can't close the stores.
    static func reset() {
        stores.store(0, ordering: .sequentiallyConsistent)
        threads.store(0, ordering: .sequentiallyConsistent)
    }
}

extension Atomic where Value == Int {
    func countUp() { add(1, ordering: .sequentiallyConsistent) }

    func countDown() { subtract(1, ordering: .sequentiallyConsistent) }
}
