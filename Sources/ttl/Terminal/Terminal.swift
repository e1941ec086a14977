#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// The terminal, if there is one.
enum Terminal {
    static let isInput = isatty(STDIN_FILENO) == 1
    static let isOutput = isatty(STDOUT_FILENO) == 1
    static let isErrors = isatty(STDERR_FILENO) == 1

    /// Whether to print bold and dim: on a terminal, unless NO_COLOR (https://no-color.org) is set or the terminal
    /// doesn't support them.
    static let hasEmphasis: Bool = {
        let noColor = getenv("NO_COLOR").map { $0.pointee != 0 } ?? false
        return isOutput && !noColor && canDraw
    }()

    /// Whether the terminal knows escape sequences.
    static let canDraw = getenv("TERM").map { $0.pointee != 0 && strcmp($0, "dumb") != 0 } ?? false

    /// How many columns standard output has; nil where it is no terminal.
    static var columns: Int? { isOutput ? TerminalSize.current.columns : nil }

    /// Standard error has nowhere to report its own failures.
    static func writeError(_ text: String) {
        var output = Output(descriptor: STDERR_FILENO)
        output.write(text)
        try? output.flush()
    }
}
