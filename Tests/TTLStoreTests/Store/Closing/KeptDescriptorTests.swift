import Foundation
import TTLTestSupport
import Testing

@testable import TTLStore

/// SQLite keeps the descriptors of closed connections while another one of the process has the file open.
@Suite("Two stores of a process on one file", .hangLimit, .enabled(if: Census.isAvailable)) struct KeptDescriptorTests {
    private let folder: TemporaryFolder
    private let path: String

    init() throws {
        folder = try TemporaryFolder()
        path = folder("store.db")
    }

    private func openAndUse() throws -> TTLStore {
        var configuration = TTLStore.Configuration()
        configuration.purging = .manual
        let store = try TTLStore(path: path, configuration: configuration)
        try store.set("key", "value", expiring: .after(.seconds(3600)))
        #expect(try store.get("key") == "value")
        return store
    }

    private var descriptors: Int { Census.descriptors(below: folder.path) }

    @Test("a closing store leaves descriptors of the database at most, and the last one leaves none")
    func leftByTheFirst() throws {
        let staying = try openAndUse()
        let alone = descriptors
        let other = try openAndUse()
        let together = descriptors
        other.close()
        #expect(descriptors <= together)
        // The log and its index are closed; only the database's descriptors wait for the locks to go.
        #expect(Census.descriptors(below: path + "-") <= alone)
        #expect(Census.descriptors(below: path + "-wal") < Census.descriptors(below: path + "-"))
        try staying.set("key", "still written")
        #expect(try staying.get("key") == "still written")
        staying.close()
        #expect(descriptors == 0)
    }

    #if os(Linux)
    @Test(
        "a connection of the program's own that closes last removes the index of its own log, and no other's",
        arguments: ["a", "a\nb"])
    func ownConnection(name: String) throws {
        for folderName in [name, "other"] {
            try FileManager.default.createDirectory(atPath: folder(folderName), withIntermediateDirectories: false)
        }
        let store = try TTLStore(path: folder(name + "/store.db"))
        try store.set("key", "value")
        let own = try Connection(
            path: folder(name + "/store.db"), access: .readWrite,
            busyPolicy: BusyPolicy(stop: StopFlag(), timeout: 0))
        #expect(try own.integer("SELECT count(*) FROM entries") == 1)
        store.close()
        let other = try TTLStore(path: folder("other/store.db"))
        try other.set("key", "value")
        own.close()
        #expect(access(folder(name + "/store.db-shm"), F_OK) != 0)
        #expect(access(folder("other/store.db-shm"), F_OK) == 0)
        try other.set("key", "another value")
        other.close()
        // A folder is kept while an index with the number of its own is mapped. The file of another test may have got
        // that number; the next store that closes looks again.
        let isGivenBack = eventually {
            if descriptors > 0 { try? TTLStore(path: folder("other/store.db")).close() }
            return descriptors == 0
        }
        #expect(isGivenBack)
    }
    #endif

    @Test("a thousand stores that open and close beside an open one leave no more descriptors than one does")
    func bounded() throws {
        let staying = try openAndUse()
        try openAndUse().close()
        let afterOne = descriptors
        for _ in 0..<1000 { try openAndUse().close() }
        #expect(descriptors == afterOne)
        // Each connection of the next store gets a descriptor that was kept.
        let next = try openAndUse()
        let open = descriptors
        next.close()
        #expect(descriptors <= open)
        #expect(descriptors == afterOne)
        staying.close()
        #expect(descriptors == 0)
    }

    @Test("kept descriptors are never more than connections at once, and are gone with the last store")
    func peak() throws {
        let staying = try openAndUse()
        let several = try (0..<5).map { _ in try openAndUse() }
        let peak = descriptors
        for store in several { store.close() }
        #expect(descriptors <= peak)
        for _ in 0..<3 {
            let again = try (0..<5).map { _ in try openAndUse() }
            #expect(descriptors <= peak)
            for store in again { store.close() }
            #expect(descriptors <= peak)
        }
        staying.close()
        #expect(descriptors == 0)
    }
}
