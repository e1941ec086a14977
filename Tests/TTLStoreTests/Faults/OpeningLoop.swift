import TTLTestSupport
import Testing

@testable import TTLStore

/// Opens a file again and again, with the first, the second, the third … call to the system failing, until none fails.
struct OpeningLoop {
    let call: Fault.Call
    let extent: Fault.Extent
    let purging: TTLStore.Configuration.Purging

    init(_ call: Fault.Call, _ extent: Fault.Extent, _ purging: TTLStore.Configuration.Purging) {
        self.call = call
        self.extent = extent
        self.purging = purging
    }

    /// - Parameter prepare: returns the path of a file, which may have to be made.
    func run(_ prepare: () throws -> String) throws {
        var fault = Fault(call: call, extent: extent, first: 1)
        while try meetsFault(fault, prepare()) {
            fault = fault.next
            try #require(fault.first < 100_000, "opening never meets the last \(call)")
        }
    }

    private func meetsFault(_ fault: Fault, _ path: String) throws -> Bool {
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
        return failures > 0
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
