import ArgumentParser

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// What a run depends on, besides the command's arguments and its program.
struct RunKeyOptions: ParsableArguments {
    @Flag(help: "The working folder counts.")
    var cwd = false

    @Option(
        name: .customLong("env"),
        help: ArgumentHelp("The value of that variable counts; unset and empty differ.", valueName: "name"))
    var variables: [String] = []

    @Option(
        name: .customLong("modtime"),
        help: ArgumentHelp("The time of that file's last change counts.", valueName: "file"), completion: .file())
    var modificationTimes: [String] = []

    @Option(
        name: .customLong("input"), help: ArgumentHelp("The content of that file counts.", valueName: "file"),
        completion: .file())
    var inputs: [String] = []

    @Flag(help: "Standard input counts; all of it is read before the command begins.")
    var stdin = false

    @Option(help: ArgumentHelp("Runs in different scopes are apart ($TTL_RUN_SCOPE).", valueName: "name"))
    var scope: String?

    @Option(help: ArgumentHelp("Counts in the place of the program and the arguments.", valueName: "name"))
    var key: String?

    @Flag(help: "Does not store a run whose status is not 0, and replays none.")
    var discardFailures = false

    /// Whether something other than time tells when the run has to be made anew.
    var nameInput: Bool { stdin || !modificationTimes.isEmpty || !inputs.isEmpty }

    /// Whether something is named, besides the scope, that tells apart the runs of one program.
    var tellRunsApart: Bool { nameInput || cwd || discardFailures || !variables.isEmpty || key != nil }

    private static let scopeVariable = "TTL_RUN_SCOPE"

    /// - Throws: `ValidationError` for a variable that is not UTF-8.
    var effectiveScope: String? {
        get throws { try scope ?? Environment.exactText(RunKeyOptions.scopeVariable) }
    }

    func validate() throws {
        for name in variables where name.isEmpty || name.contains("=") {
            throw ValidationError("--env: not the name of a variable")
        }
        let nameOfScope = scope == nil ? RunKeyOptions.scopeVariable : "--scope"
        for (option, text) in [(nameOfScope, try effectiveScope), ("--key", key)] {
            guard let text else { continue }
            guard !text.isEmpty, text.utf8.count <= 512 else {
                throw ValidationError("\(option): a name has 1 to 512 bytes")
            }
        }
    }

    /// - Parameters:
    ///   - command: at least its name, unless an own key takes its place.
    ///   - program: of the command; looked for only where it counts.
    /// - Throws: `CommandFailure`.
    func key(of command: CommandWords, spool: Spool?, program: () throws -> ProgramFile) throws -> String {
        var result = key.map(RunKey.init(own:)) ?? RunKey(ofProgram: command.text[0])
        if let key {
            result.add("key", key)
        } else {
            for word in command.bytes { result.add("argument", word.contents) }
            result.add(try program())
        }
        if cwd { try result.addWorkingFolder() }
        for variable in variables { result.addVariable(variable) }
        for path in modificationTimes { result.addModificationTime(of: path) }
        for path in inputs { try result.addContent(of: path) }
        if let spool { result.add("stdin", spool.hash) }
        if let scope = try effectiveScope { result.add("scope", scope) }
        if discardFailures { result.add("without failures", "") }
        return result.text
    }
}

/// The environment of this process.
enum Environment {
    /// Nil where the variable is not set, or empty.
    static func text(_ name: String) -> String? {
        guard let value = getenv(name), value.pointee != 0 else { return nil }
        return String(cString: value)
    }

    /// The same, for a value of which every byte counts.
    /// - Throws: `ValidationError` where it is not UTF-8.
    static func exactText(_ name: String) throws -> String? {
        guard let value = getenv(name), value.pointee != 0 else { return nil }
        guard let text = String(validatingCString: value) else {
            throw ValidationError("the variable \(name) is not valid UTF-8")
        }
        return text
    }
}
