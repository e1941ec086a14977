#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// The whole terminal, for a program that draws on it and reads single keys.
///
/// It draws on the terminal's alternate screen, so that the other one is there again, with its cursor, when the program
/// leaves. Keys that make signals go on doing so.
final class TerminalScreen {
    /// The terminal's mode before; nil if standard input is no terminal: then there are no keys.
    private var before: termios?
    private var isEntered = false
    /// What is on the screen; nil if that isn't known.
    private var drawn: [ScreenLine]?
    private var size = TerminalSize.current

    /// To poll for keys; negative if there are none.
    private(set) var keys: Int32 = Terminal.isInput ? STDIN_FILENO : -1

    /// Begins, or takes the terminal back from a program that has had it meanwhile.
    func enter() throws {
        let isNew = !isEntered
        if isNew { before = TerminalScreen.mode }
        isEntered = true
        if var mode = before {
            mode.c_lflag &= ~tcflag_t(ICANON | ECHO)
            withUnsafeMutableBytes(of: &mode.c_cc) { characters in
                characters[Int(VMIN)] = 1
                characters[Int(VTIME)] = 0
            }
            // Where the program runs in the background, this stops it until it has the terminal.
            tcsetattr(STDIN_FILENO, TCSADRAIN, &mode)
        }
        drawn = nil
        try write((isNew ? "\u{1B}[?1049h" : "") + "\u{1B}[?25l")
    }

    /// Leaves the terminal as it was.
    func leave() {
        guard isEntered else { return }
        isEntered = false
        // A terminal without an alternate screen goes on below the picture.
        let bottom = "\u{1B}[\(size.rows);1H\r\n"
        // Nobody may read from the terminal any more.
        if Readiness.isReadyToWrite(STDOUT_FILENO, within: .seconds(1)) {
            var output = Output()
            output.write("\(bottom)\u{1B}[?25h\u{1B}[?1049l")
            try? output.flush()
        }
        if var before { tcsetattr(STDIN_FILENO, TCSADRAIN, &before) }
    }

    /// Stops the process as Ctrl-Z does, with the terminal as it was before; returns when it goes on.
    func suspend() throws {
        leave()
        var standard = sigaction()
        var own = sigaction()
        sigaction(SIGTSTP, &standard, &own)
        raise(SIGTSTP)
        sigaction(SIGTSTP, &own, nil)
        try enter()
    }

    /// Draws the lines that differ from those on the screen.
    func draw(_ lines: [ScreenLine], _ size: TerminalSize) throws {
        if size != self.size { drawn = nil }
        self.size = size
        var text = drawn == nil ? "\u{1B}[2J" : ""
        for (row, line) in lines.enumerated() where drawn.map({ row < $0.count && $0[row] == line }) != true {
            text += "\u{1B}[\(row + 1);1H\(styled(line))\u{1B}[K"
        }
        if let drawn, drawn.count > lines.count { text += "\u{1B}[\(lines.count + 1);1H\u{1B}[J" }
        drawn = lines
        if !text.isEmpty { try write(text) }
    }

    /// The keys that were pressed since; nil at the end of the input. The input is ready to be read.
    func readKeys() -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = read(keys, &bytes, bytes.count)
        if count > 0 { return Array(bytes[..<count]) }
        if count < 0, errno == EINTR || errno == EAGAIN { return [] }
        keys = -1
        return nil
    }

    private func styled(_ line: ScreenLine) -> String {
        guard Terminal.hasEmphasis, line.style != .plain else { return line.text }
        return "\u{1B}[\(line.style == .strong ? 1 : 2)m\(line.text)\u{1B}[m"
    }

    private func write(_ text: String) throws {
        var output = Output(isInterruptible: true)
        output.write(text)
        try output.flush()
    }

    private static var mode: termios? {
        var mode = termios()
        return Terminal.isInput && tcgetattr(STDIN_FILENO, &mode) == 0 ? mode : nil
    }
}
