extension TTLStore {
    /// Where a command-line tool keeps its store by convention.
    ///
    /// On Linux `$XDG_STATE_HOME/<tool>/store.db`, where `XDG_STATE_HOME` is `~/.local/state` unless it is set to an
    /// absolute path (XDG Base Directory Specification 0.8); on macOS
    /// `~/Library/Application Support/<tool>/store.db`. Nothing is created until a store is opened there.
    /// - Parameter tool: the tool's name; one path component.
    /// - Throws: `invalidArgument` for a name that is empty, hidden or holds a slash; `cannotOpen` for a user without
    ///   a home folder, or where `XDG_STATE_HOME` or the home folder is not valid UTF-8.
    public static func defaultPath(tool: String) throws(TTLStoreError) -> String {
        guard !tool.isEmpty, !tool.utf8.contains(UInt8(ascii: "/")), !tool.utf8.contains(0), !tool.hasPrefix(".") else {
            throw TTLStoreError(.invalidArgument, "a tool's name is one path component", in: "defaultPath")
        }
        #if !canImport(Darwin)
        let variable = "XDG_STATE_HOME"
        let state = try valid(variable) { () throws(FileSystem.Failure) in try FileSystem.environment(variable) }
        if let state, state.hasPrefix("/") {
            return "\(state)/\(tool)/store.db"
        }
        #endif
        guard let home = try valid("the home folder", FileSystem.home) else {
            throw TTLStoreError(.cannotOpen, "the user has no home folder", in: "defaultPath")
        }
        #if canImport(Darwin)
        return "\(home)/Library/Application Support/\(tool)/store.db"
        #else
        return "\(home)/.local/state/\(tool)/store.db"
        #endif
    }

    private static func valid(
        _ name: String, _ body: () throws(FileSystem.Failure) -> String?
    ) throws(TTLStoreError) -> String? {
        do throws(FileSystem.Failure) { return try body() } catch {
            throw TTLStoreError(.cannotOpen, "\(name) is not valid UTF-8", in: "defaultPath")
        }
    }
}
