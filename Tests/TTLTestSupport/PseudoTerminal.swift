#if os(Linux)
import Foundation

/// A terminal for a child process, of which the test is the screen and the keyboard.
package final class PseudoTerminal: @unchecked Sendable {
    // Sendable: used by the one thread of a test.
    private let controller: FileHandle
    let device: FileHandle
    private var output: [UInt8] = []

    package init(rows: UInt16, columns: UInt16) throws {
        let descriptor = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw Failure(number: errno) }
        controller = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        // What `grantpt` and its neighbours do, which Swift doesn't see: TIOCSPTLCK and TIOCGPTN.
        var (unlocked, number) = (Int32(0), UInt32(0))
        guard ioctl(descriptor, 0x4004_5431, &unlocked) == 0, ioctl(descriptor, 0x8004_5430, &number) == 0 else {
            throw Failure(number: errno)
        }
        let end = open("/dev/pts/\(number)", O_RDWR | O_NOCTTY | O_CLOEXEC)
        guard end >= 0 else { throw Failure(number: errno) }
        device = FileHandle(fileDescriptor: end, closeOnDealloc: true)
        resize(rows: rows, columns: columns)
    }

    package struct Failure: Error {
        let number: Int32
    }

    /// The processes in the foreground get SIGWINCH.
    package func resize(rows: UInt16, columns: UInt16) {
        var size = winsize(ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
        _ = ioctl(controller.fileDescriptor, UInt(TIOCSWINSZ), &size)
    }

    /// All of the terminal's settings.
    package var mode: [UInt8] {
        var mode = termios()
        _ = tcgetattr(device.fileDescriptor, &mode)
        return withUnsafeBytes(of: &mode) { Array($0) }
    }

    /// Presses keys.
    package func send(_ text: String) { try? controller.write(contentsOf: Data(text.utf8)) }

    /// All that was written to the terminal so far.
    package var text: String {
        var chunk = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(controller.fileDescriptor, &chunk, chunk.count)
            guard count > 0 else { return String(decoding: output, as: UTF8.self) }
            output += chunk[..<count]
        }
    }

    package func eventuallyShows(_ part: String) -> Bool { eventually { text.contains(part) } }
}
#endif
