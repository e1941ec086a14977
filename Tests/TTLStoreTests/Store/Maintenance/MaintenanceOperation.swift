import Foundation
import TTLTestSupport
import Testing

@testable import TTLStore

/// Every maintenance operation in every form, for properties that must hold for all of them.
struct MaintenanceOperation: Sendable, CustomTestStringConvertible {
    enum Kind: CaseIterable { case backup, check, vacuum }

    typealias Progress = @Sendable (TTLStore.Progress) throws -> Void

    var kind: Kind
    var form: Setting.Form

    static let all = Kind.allCases.flatMap { kind in
        Setting.Form.allCases.map { MaintenanceOperation(kind: kind, form: $0) }
    }

    var testDescription: String { "\(kind), \(form)" }

    /// - Parameter destination: where a backup goes, of a file that is not damaged.
    func run(_ store: TTLStore, destination: String, progress: Progress? = nil) async throws {
        switch form {
        case .synchronous: try runBlocking(store, destination: destination, progress: progress)
        case .suspending:
            switch kind {
            case .backup: try await store.backup(to: destination, progress: progress)
            case .check: MaintenanceOperation.expectHealthy(try await store.check(progress: progress))
            case .vacuum: try await store.vacuum(progress: progress)
            }
        }
    }

    func runBlocking(_ store: TTLStore, destination: String, progress: Progress? = nil) throws {
        switch kind {
        case .backup: try store.backup(to: destination, progress: progress)
        case .check: MaintenanceOperation.expectHealthy(try store.check(progress: progress))
        case .vacuum: try store.vacuum(progress: progress)
        }
    }

    /// These files are not damaged: if a check can't read one, that is an error and not a finding.
    private static func expectHealthy(_ report: TTLStore.CheckReport) {
        #expect(report.isHealthy && report.isComplete, "\(report.findings)")
    }
}

/// A store of several mebibytes in a folder of its own.
final class LargeStore {
    let folder: TemporaryFolder
    let store: TTLStore
    /// All entries at the beginning.
    let keys: Int

    init(dead: Int = 0, kept: Int = 20_000, _ adjust: (inout TTLStore.Configuration) -> Void = { _ in }) throws {
        folder = try TemporaryFolder()
        try makeBacklog(folder("store.db"), dead: dead, kept: kept)
        var configuration = TTLStore.Configuration()
        configuration.purging = .manual
        adjust(&configuration)
        store = try TTLStore(path: folder("store.db"), configuration: configuration)
        keys = kept
        // From now on the log and its index are there, and so is the descriptor of a connection that was closed: SQLite
        // keeps it for the next one, since closing it would drop the locks of the others.
        #expect(try store.count() == kept)
        #expect(try store.check().isHealthy)
    }

    deinit { store.close() }

    /// The state that an ended operation must leave as it was.
    struct Traces: Equatable {
        var names: [String]
        var descriptors: Int
    }

    var traces: Traces {
        get throws {
            Traces(
                names: try FolderContents.names(folder), descriptors: Census.descriptors(below: folder.path))
        }
    }
}
