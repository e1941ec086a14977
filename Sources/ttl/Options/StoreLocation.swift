import ArgumentParser
import TTLStore

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// The file on which a subcommand works, and how it opens the file.
struct StoreLocation: ParsableArguments {
    static let help: ArgumentHelp = "The store's file."

    // `--store` stands before the subcommand or after it.
    @ParentCommand private var root: TTLCommand
    private var hasRoot = false

    @Option(name: .customLong("store"), help: help, completion: .file())
    var store: String?

    private enum CodingKeys: CodingKey { case root, store }

    init() {}

    init(store: String?) { self.store = store }

    /// Where the subcommand was parsed by itself, there is no root.
    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        if let root = try? container.decode(ParentCommand<TTLCommand>.self, forKey: .root) {
            _root = root
            hasRoot = true
        }
        _store = try container.decode(Option<String?>.self, forKey: .store)
    }

    /// The purpose for which a subcommand opens the store.
    enum Purpose {
        /// A missing file is created.
        case storing
        /// A missing file counts as a store without entries.
        case changing
        /// As `changing`, without the thread, which would delete the entries that the command counts.
        case purging
        /// As `purging`. Changes nothing, and the file may be read-only.
        case reading
    }

    /// The value of the option.
    var given: String? { store ?? (hasRoot ? root.store : nil) }

    /// The option, else `$TTL_STORE`, else the conventional place.
    var path: String { get throws { try StoreLocation.path(option: given) } }

    /// - Parameter store: the option's value.
    private static func path(option store: String?) throws -> String {
        if let store {
            guard !beginsWithHome(store) else { throw ValidationError("--store: \(tilde)") }
            return store
        }
        guard let variable = getenv("TTL_STORE"), variable.pointee != 0 else {
            return try TTLStore.defaultPath(tool: "ttl")
        }
        guard let path = String(validatingCString: variable) else {
            throw CommandFailure(message: "the path in TTL_STORE is not valid UTF-8")
        }
        guard !beginsWithHome(path) else { throw CommandFailure(message: "TTL_STORE: \(tilde)") }
        return path
    }

    private static let tilde =
        "no shell has replaced ~ by the home folder, as within quotes or after '='; for a folder of that name write ./~"

    /// No user means a folder of that name.
    private static func beginsWithHome(_ path: String) -> Bool { path == "~" || path.hasPrefix("~/") }

    /// Opens the store, and closes it when `body` has ended.
    /// - Parameters:
    ///   - retry: for a command that must answer signals while the file is locked. It then has to try again itself
    ///     what finds the file locked.
    ///   - missing: the result if there is no file and none is created.
    func withStore<Result>(
        for purpose: Purpose, _ retry: BusyRetry? = nil, missing: @autoclosure () -> Result,
        _ body: (TTLStore) throws -> Result
    ) throws -> Result {
        let path = try path
        guard purpose == .storing || !StoreLocation.isMissing(path) else { return missing() }
        let store =
            try retry.map { try $0 { try open(path, for: purpose, BusyRetry.busyTimeout) } }
            ?? open(path, for: purpose)
        defer { store.close() }
        return try body(store)
    }

    /// As `withStore`, for a subcommand that makes no sense without a file.
    /// - Parameter name: the subcommand's, for the message.
    func withExistingStore<Result>(
        for purpose: Purpose, _ name: String, _ body: (TTLStore) throws -> Result
    ) throws -> Result {
        let result = try withStore(for: purpose, missing: Result?.none) { try body($0) }
        guard let result else { throw CommandFailure(message: "\(name): there is no such file: \(try path)") }
        return result
    }

    /// Reads from a store for a shell's completion: nothing is created or changed, and there is no waiting.
    /// - Parameter store: the value of `--store`.
    /// - Returns: nil if there is no file.
    static func reading<Result>(_ store: String?, _ body: (TTLStore) throws -> Result) throws -> Result? {
        let path = try path(option: store)
        guard !isMissing(path) else { return nil }
        var configuration = TTLStore.Configuration()
        configuration.access = .readOnly
        configuration.busyTimeout = .milliseconds(100)
        let store = try TTLStore(path: path, configuration: configuration)
        defer { store.close() }
        return try body(store)
    }

    private func open(_ path: String, for purpose: Purpose, _ busyTimeout: Duration? = nil) throws -> TTLStore {
        var configuration = TTLStore.Configuration()
        configuration.busyTimeout = busyTimeout ?? configuration.busyTimeout
        configuration.access = purpose == .storing ? .create : .existing
        configuration.purging = purpose == .storing || purpose == .changing ? .automatic : .manual
        // Another connection would read the schema once more.
        if purpose == .reading { configuration.maximumReaders = 0 }
        do {
            do {
                return try TTLStore(path: path, configuration: configuration)
            } catch let error where purpose == .reading && [.readOnlyFile, .readOnlyFolder].contains(error.code) {
                configuration.access = .readOnly
                return try TTLStore(path: path, configuration: configuration)
            }
        } catch {
            let message = StoreLocation.refusal(error) ?? error.description
            throw CommandFailure(message: path.isEmpty ? message : "\(message): \(path)", code: error.code)
        }
    }

    /// Why a store can't be written that can be read; nil for any other error.
    private static func refusal(_ error: TTLStoreError) -> String? {
        let reason: String
        switch error.code {
        case .readOnlyFile: reason = "the file is read-only"
        case .readOnlyFolder: reason = "the folder is read-only, and SQLite keeps its log there"
        default: return nil
        }
        let command = (["ttl"] + Ending.subcommand).joined(separator: " ")
        return "open: \(reason), so '\(command)' can't write; check the permissions of file and folder "
            + "(commands that only read work)"
    }

    private static func isMissing(_ path: String) -> Bool {
        var information = stat()
        return !path.isEmpty && stat(path, &information) != 0 && errno == ENOENT
    }
}
