import ArgumentParser
import CTTLProcess
import TTLStore

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// A failure of the command itself. Its message is one line, without keys and values.
struct CommandFailure: Error {
    var message: String
    var status = Ending.storeFailure
    /// Of the store, where that has failed.
    var code: TTLStoreError.Code?
}

/// The reader of the standard output has left: `ttl ls | head`.
struct OutputClosed: Error {}

/// SIGINT or a similar signal, thrown where the command can clean up.
struct Interrupted: Error {
    var signal: Int32
}

extension TTLStoreError {
    /// One line, for a message that says itself what was done: the operations are methods of the library.
    var withoutOperation: String { String(description.dropFirst(operation.count + 2)) }
}

/// How the process ends: the one home of the exit statuses.
enum Ending {
    /// The key is absent, or the condition is not met.
    static let notFound = ExitCode(1)

    static let storeFailure: Int32 = 2

    /// With these ignored, a reader that has left, or a limit on the size of files, is an error of `write`, and the
    /// store is closed before the process ends.
    static let ignoredSignals = [SIGPIPE, SIGXFSZ]

    /// Called before anything else.
    static func prepare() {
        StandardDescriptors.fill()
        ttl_remember_signals()
        for number in ignoredSignals { signal(number, SIG_IGN) }
    }

    static func exit(with error: any Error) -> Never {
        switch error {
        case is OutputClosed: die(of: SIGPIPE)
        case let error as Interrupted: die(of: error.signal)
        case let error as TTLStoreError where misuses.contains(error.code): failUsage(error.message)
        case let error as TTLStoreError: fail(explanation(error), storeFailure)
        case let error as CommandFailure: fail(error.message, error.status)
        case let status as ExitCode: Platform.exit(status.rawValue)
        default:
            switch TTLCommand.exitCode(for: error) {
            case .success: show(HelpText.mended(CompletionScript.mended(TTLCommand.fullMessage(for: error))))
            case .validationFailure: failUsage(ArgumentText.likelier(TTLCommand.message(for: error)))
            // Its description may quote a value.
            default: fail("an unexpected error: \(type(of: error))", storeFailure)
            }
        }
    }

    /// Shows the candidates for a shell's completion; nothing else would help its user.
    static func exitQuietly(with error: any Error) -> Never {
        if TTLCommand.exitCode(for: error) == .success { exit(with: error) }
        Platform.exit(1)
    }

    /// Help, the version, or a script.
    private static func show(_ text: String) -> Never {
        do {
            try Output.requireOpen()
            try Output.print(line: text)
        } catch {
            exit(with: error)
        }
        Platform.exit(ExitCode.success.rawValue)
    }

    private static func failUsage(_ message: String) -> Never {
        let help = (["ttl"] + subcommand + ["--help"]).joined(separator: " ")
        // Before anything of it is changed: an argument may hold a line break.
        let lines = ArgumentText.redacted(message).split(whereSeparator: \.isNewline)
        let line = lines.map { $0.drop { $0 == " " } }.joined(separator: " ")
        fail("\(line) (see '\(help)')", ExitCode.validationFailure.rawValue)
    }

    /// The store's errors that are due to the command line.
    private static let misuses = [
        TTLStoreError.Code.invalidKey, .invalidTag, .invalidExpiry, .invalidArgument,
    ]

    /// With the subcommand in the place of the library's operation.
    private static func explanation(_ error: TTLStoreError) -> String {
        guard let name = subcommand.first, error.operation != "open" else { return error.description }
        return "\(name): \(error.withoutOperation)"
    }

    /// The subcommand on the command line, if nothing but `--store` comes before.
    static var subcommand: [String] {
        let names = TTLCommand.configuration.subcommands.map { $0._commandName }
        var arguments = CommandLine.arguments.dropFirst()
        if let first = arguments.first, first == "--store" || first.hasPrefix("--store=") {
            arguments = arguments.dropFirst(first == "--store" ? 2 : 1)
        }
        return arguments.prefix(1).filter(names.contains)
    }

    private static func fail(_ message: String, _ status: Int32) -> Never {
        Terminal.writeError("ttl: \(PrintableText.escaped(message))\n")
        Platform.exit(status)
    }

    /// Ends the process by the signal, so that a shell sees the reason.
    private static func die(of number: Int32) -> Never {
        signal(number, SIG_DFL)
        raise(number)
        Platform.exit(128 + number)
    }
}

private enum Platform {
    static func exit(_ status: Int32) -> Never {
        #if canImport(Darwin)
        Darwin.exit(status)
        #elseif canImport(Musl)
        Musl.exit(status)
        #else
        Glibc.exit(status)
        #endif
    }
}
