import TTLTestSupport
import Testing

@testable import TTLStore

@Suite("Writers behind another connection's lock", .hangLimit) struct ForeignLockConcurrencyTests {
    @Test("writers behind a foreign lock all get their error when the time of several is over at once")
    func timesOver() throws {
        let folder = try TemporaryFolder()
        let path = folder("store.db")
        var configuration = TTLStore.Configuration()
        configuration.busyTimeout = .milliseconds(100)
        let store = try TTLStore(path: path, configuration: configuration)
        let other = try Connection(
            path: path, access: .readWrite, busyPolicy: BusyPolicy(stop: StopFlag(), timeout: 0))
        try other.execute("BEGIN IMMEDIATE")
        let failures = Counter()
        onThreads(16) { thread in
            for number in 0..<20 {
                do throws(TTLStoreError) { try store.set("\(thread):\(number)", number) } catch {
                    if error.code == .busy { failures.add() }
                }
            }
        }
        #expect(failures.value == 320)
        try other.execute("ROLLBACK")
        try store.set("key", "value")
        store.close()
        other.close()
    }
}
