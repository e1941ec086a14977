import Foundation
import TTLTestSupport
import Testing

@testable import TTLStore

@Suite("A file with several names", .hangLimit) struct SeveralNamesTests {
    private let folder: TemporaryFolder
    private let path: String

    init() throws {
        folder = try TemporaryFolder()
        path = folder("store.db")
        let store = try TTLStore(path: path)
        try store.set("k", "v")
        store.close()
    }

    private func configuration(_ access: TTLStore.Configuration.Access) -> TTLStore.Configuration {
        var configuration = TTLStore.Configuration()
        configuration.access = access
        return configuration
    }

    @Test("a file with several names is opened only for reading, until it has one name again")
    func hardLink() throws {
        #expect(link(path, folder("other.db")) == 0)
        let before = try FolderContents(folder)
        for name in ["store.db", "other.db"] {
            for access in [TTLStore.Configuration.Access.create, .existing] {
                let error = expectFailure(.severalNames) {
                    try TTLStore(path: folder(name), configuration: configuration(access))
                }
                #expect(error?.message.contains("2 names") == true)
            }
        }
        #expect(try FolderContents(folder) == before)
        let reader = try TTLStore(path: folder("other.db"), configuration: configuration(.readOnly))
        #expect(try reader.get("k") == "v")
        reader.close()
        #expect(unlink(folder("other.db")) == 0)
        let store = try TTLStore(path: path)
        #expect(try store.set("k", "new") == .stored)
        store.close()
    }

    @Test("opening waits for a second name that soon goes, as that of a backup does")
    func passingName() throws {
        #expect(link(path, folder("other.db")) == 0)
        let isTried = Counter()
        onThreads(2) { thread in
            if thread == 0 {
                _ = eventually { isTried.value > 0 }
                #expect(unlink(folder("other.db")) == 0)
            } else {
                isTried.add()
                // A busy machine may take longer than the store is patient for.
                let isOpened = eventually {
                    let store = try? TTLStore(path: path)
                    store?.close()
                    return store != nil
                }
                #expect(isOpened)
            }
        }
    }

    @Test("a file that is open elsewhere by another name is refused, whatever the access", arguments: [true, false])
    func renamed(isSameProcess: Bool) throws {
        let holder = isSameProcess ? nil : try otherProcess("serve", path)
        let store = isSameProcess ? try TTLStore(path: path) : nil
        if let holder { #expect(holder.readLine() == "open") }
        #expect(rename(path, folder("other.db")) == 0)
        for access in ["existing", "read-only"] {
            #expect(try otherProcess("put", folder("other.db"), "x", access).readLine() == "logElsewhere")
        }
        expectFailure(.logElsewhere) { try TTLStore(path: folder("other.db"), configuration: configuration(.existing)) }
        #expect(rename(folder("other.db"), path) == 0)
        #expect(try otherProcess("put", path, "x", "existing").readLine() == "stored")
        if let holder { #expect(holder.ask("y") == "stored") }
        store?.close()
        holder?.closeInput()
    }

    @Test("a link that is made while a store is open keeps others out, and the store goes on")
    func linkedWhileOpen() throws {
        let store = try TTLStore(path: path)
        #expect(link(path, folder("other.db")) == 0)
        expectFailure(.severalNames) { try TTLStore(path: folder("other.db")) }
        let reader = try otherProcess("put", folder("other.db"), "x", "read-only")
        #expect(reader.readLine() == "logElsewhere")
        #expect(try store.set("k", "new") == .stored)
        store.close()
    }

    @Test(
        "a folder that is mounted twice, once read-only, is written by the name that may be written",
        .enabled(if: SmallDisk.isPermitted, "nothing can be mounted here"))
    func readOnlyMount() throws {
        let target = try TemporaryFolder()
        let script = """
            mount --make-rprivate / && mount --bind "$1" "$2" && mount -o remount,bind,ro "$2" &&
            exec "$3" read-and-write "$2/store.db" "$1/store.db"
            """
        let outcome = try ChildProcess.run(
            "/usr/bin/env",
            [
                "unshare", "-m", "sh", "-c", script, "sh", folder.path, target.path,
                ChildProcess.builtPath("TTLTestProcess"),
            ])
        #expect(outcome.text == "v stored\n", "\(outcome.errors)")
    }

    @Test(
        "a file that is mounted by itself, as a container's may be, is not opened for writing",
        .enabled(if: SmallDisk.isPermitted, "nothing can be mounted here"))
    func bindMount() throws {
        for (name, mounted, expected) in [
            ("file", path, "severalNames"), ("folder", folder.path, "stored"),
        ] {
            let target = try TemporaryFolder()
            let place = name == "file" ? target("mounted.db") : target.path
            if name == "file" { try RefusedFile.make(place, []) }
            let opened = name == "file" ? place : target("store.db")
            // In a mount namespace of its own, which goes with the process.
            let script = """
                mount --make-rprivate / && mount --bind "$1" "$2" && exec "$3" put "$4" x existing
                """
            let outcome = try ChildProcess.run(
                "/usr/bin/env",
                [
                    "unshare", "-m", "sh", "-c", script, "sh", mounted, place, ChildProcess.builtPath("TTLTestProcess"),
                    opened,
                ])
            #expect(outcome.text == expected + "\n", "\(name): \(outcome.errors)")
        }
        #expect(FileSystem.names(of: path)?.isMountRoot == false)
        #expect(FileSystem.names(of: folder("missing.db")) == nil)
    }
}
