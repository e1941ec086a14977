import Foundation
import TTLTestSupport
import Testing

@testable import TTLStore

@Suite("The names of a store's files") struct FileWatchTests {
    private let folder: TemporaryFolder
    private let watch: FileWatch
    private static let names = ["store.db", "store.db-wal", "store.db-shm"]

    init() throws {
        folder = try TemporaryFolder()
        for name in FileWatchTests.names { try RefusedFile.make(folder(name), name.utf8) }
        guard case .file(let identity, _) = FileSystem.kind(of: folder("store.db")) else {
            throw CocoaError(.fileNoSuchFile)
        }
        watch = FileWatch(path: folder("store.db"), place: FilePlace(folder("store.db")), database: identity)
        try watch.record(needsLog: true)
    }

    @Test("a change of a name is noticed by the next look, however soon after the last one it comes")
    func changes() throws {
        var generator = SeededGenerator(seed: 7)
        try RefusedFile.make(folder("other"), [])
        for round in 0..<60 {
            let name = FileWatchTests.names[round % 3]
            // From "still in the tick of the last change" to "long past it".
            usleep(.random(in: 0...120_000, using: &generator))
            #expect(watch.change() == nil)
            #expect(watch.change() == nil)
            #expect(rename(folder(name), folder("away")) == 0)
            let isReplaced = Bool.random(using: &generator)
            if isReplaced { #expect(link(folder("other"), folder(name)) == 0) }
            #expect(watch.change().map { "store.db" + $0.part.rawValue } == name, "round \(round)")
            #expect(rename(folder("away"), folder(name)) == 0)
            #expect(watch.change() == nil)
        }
    }

    @Test("changes of other names in the folder are ignored")
    func otherNames() throws {
        for round in 0..<200 {
            try RefusedFile.make(folder("\(round)"), [])
            #expect(watch.change() == nil)
            #expect(unlink(folder("\(round)")) == 0)
            #expect(watch.change() == nil)
        }
    }

    @Test("a file whose folder was renamed is missing until the folder has its name back")
    func folders() throws {
        let other = folder.path + "-away"
        #expect(rename(folder.path, other) == 0)
        #expect(watch.change()?.part == .database)
        #expect(rename(other, folder.path) == 0)
        #expect(watch.change() == nil)
    }

    @Test("a time of change is trusted once a later change can't have the same one")
    func ticks() {
        let second: Int64 = 1_000_000_000
        let fine = 1_700_000_000 * second + 4_000_000
        let coarse = 1_700_000_000 * second
        for (time, distance, isPast) in [
            (fine, 0, false), (fine, 10_000_000, false), (fine, 50_000_001, true), (fine, -10_000_000, false),
            (fine, -60 * second, true), (coarse, 50_000_001, false), (coarse, 2 * second, false),
            (coarse, 3 * second, true), (coarse, -2 * second, false), (coarse, -3 * second, true),
        ] {
            #expect(FileWatch.isPast(time, now: time + distance) == isPast, "\(time), \(distance)")
        }
        #expect(FileWatch.isPast(.min, now: .max))
    }

    @Test("a closing store learns from the names whether its log still counts")
    func standing() throws {
        let (log, index) = (folder("store.db-wal"), folder("store.db-shm"))
        #expect(watch.standing() == .intact)
        #expect(rename(index, folder("index")) == 0)
        #expect(watch.standing() == .changed)
        #expect(rename(log, folder("log")) == 0)
        #expect(watch.standing() == .nameless)
        #expect(rename(folder("index"), index) == 0)
        #expect(watch.standing() == .nameless)
        // Later than the last write to the database, by the clock of the file system.
        usleep(50_000)
        #expect(FileManager.default.createFile(atPath: log, contents: nil))
        #expect(watch.standing() == .nameless)
        try RefusedFile.make(folder("other"), "index".utf8)
        #expect(rename(folder("other"), index) == 0)
        #expect(watch.standing() == .nameless)
        // Written to and emptied, as by a checkpoint.
        usleep(50_000)
        try RefusedFile.overwrite(log, at: 0, [1])
        #expect(watch.standing() == .changed)
        try RefusedFile.truncate(log, to: 0)
        #expect(watch.standing() == .changed)
        #expect(unlink(log) == 0)
        #expect(watch.standing() == .changed)
        #expect(FileManager.default.createFile(atPath: log, contents: nil))
        try RefusedFile.overwrite(folder("store.db"), at: 0, [1])
        #expect(watch.standing() == .changed)
        #expect(rename(folder("store.db"), folder("away")) == 0)
        #expect(watch.standing() == .changed)
    }

    @Test("a store that writes has a log and an index", arguments: ["-wal", "-shm"])
    func missing(suffix: String) throws {
        watch.leave()
        #expect(unlink(folder("store.db" + suffix)) == 0)
        let error = expectFailure(.fileReplaced) { try watch.record(needsLog: true) }
        #expect(error?.message.contains(suffix) == true)
        try watch.record(needsLog: false)
        #expect(watch.change() == nil)
    }
}
