import Foundation
import TTLStore
import TTLTestSupport
import Testing

@Suite("A symbolic link in place of the log or its index") struct LinkedLogTests {
    @Test(
        "a symbolic link in place of the log or its index is an error, and its target is left alone",
        arguments: ["-wal", "-shm"],
        [TTLStore.Configuration.Access.create, .existing, .readOnly])
    func refused(suffix: String, access: TTLStore.Configuration.Access) throws {
        let folder = try TemporaryFolder()
        try TTLStore(path: folder("store.db")).close()
        try RefusedFile.make(folder("target"), "precious".utf8)
        try FileManager.default.createSymbolicLink(
            atPath: folder("store.db" + suffix), withDestinationPath: folder("target"))
        var configuration = TTLStore.Configuration()
        configuration.access = access
        expectFailure(.cannotOpen) { try TTLStore(path: folder("store.db"), configuration: configuration) }
        #expect(try String(contentsOfFile: folder("target"), encoding: .utf8) == "precious")
    }
}
