#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// How much a terminal shows.
struct TerminalSize: Equatable {
    var rows: Int
    var columns: Int

    /// Of the terminal that is the standard output, as it is now.
    static var current: TerminalSize { of(STDOUT_FILENO) }

    /// Of the terminal that the descriptor is, as it is now.
    static func of(_ descriptor: Int32) -> TerminalSize {
        var size = winsize()
        // A terminal that doesn't know its size reports 0.
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_row > 0, size.ws_col > 0 else {
            return TerminalSize(rows: 24, columns: 80)
        }
        return TerminalSize(rows: Int(size.ws_row), columns: Int(size.ws_col))
    }
}

/// A row of a screen.
struct ScreenLine: Equatable {
    enum Style {
        case plain, strong, faint
    }

    /// Without control characters.
    let text: String
    let style: Style

    init(_ text: String, _ style: Style = .plain) {
        self.text = text
        self.style = style
    }
}
