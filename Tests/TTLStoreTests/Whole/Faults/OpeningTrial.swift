import TTLTestSupport
import Testing

@testable import TTLStore

/// A file that is opened, or made, while calls to the system fail.
struct OpeningTrial {
    let purging: TTLStore.Configuration.Purging
    /// Returns the path of a file, which may have to be made.
    let prepare: () throws -> String

    /// - Returns: how many calls have failed.
    func meet(_ fault: Fault) throws -> Int {
        let path = try prepare()
        var configuration = TTLStore.Configuration()
        configuration.purging = purging
        configuration.busyTimeout = .milliseconds(5)
        configuration.clock = ManualClock().wallClock
        fault.begin()
        let opened = Result { () throws(TTLStoreError) in try TTLStore(path: path, configuration: configuration) }
        if fault.lastsUntilClosed { try? opened.get().close() }
        let failures = Fault.end()
        let comment: Comment = "\(purging), \(fault): \(opened)"
        switch opened {
        case .success(let store):
            if !fault.lastsUntilClosed { expectUsable(store, comment) }
            store.close()
        case .failure:
            #expect(failures > 0, comment)
        }
        #expect(Census.descriptors(below: FileSystem.folder(of: path)) == 0, comment)
        #expect(eventually { Census.threads(named: Expirer.threadName) == 0 }, comment)
        do {
            let store = try TTLStore(path: path, configuration: configuration)
            expectUsable(store, comment)
            store.close()
        } catch { Issue.record(error, comment) }
        return failures
    }

    private func expectUsable(_ store: TTLStore, _ comment: Comment) {
        do throws(TTLStoreError) {
            #expect(try store.set("probe", "value") == .stored, comment)
            #expect(try store.get("probe") == "value", comment)
            let integrity = try store.engine.write("check") { try $0.connection.text("PRAGMA integrity_check") }
            #expect(integrity == "ok", comment)
        } catch { Issue.record(error, comment) }
    }
}
