#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// A command and its arguments as they were given. Swift replaces bytes that are not UTF-8; the command gets them.
struct CommandWords {
    /// For people.
    let text: [String]
    /// Each ends with a NUL.
    let bytes: [[CChar]]

    /// - Parameter parsed: what follows `--` on the command line of this process.
    init(_ parsed: [String]) {
        let given = CommandWords.line.suffix(parsed.count)
        let isGiven = given.count == parsed.count && zip(given, parsed).allSatisfy { String(nulTerminated: $0) == $1 }
        text = parsed
        bytes = isGiven ? Array(given) : parsed.map { Array($0.utf8CString) }
    }

    /// All words of the command line of this process.
    static var line: [[CChar]] {
        (0..<Int(CommandLine.argc)).compactMap { CommandLine.unsafeArgv[$0].map { Array(nulTerminated: $0) } }
    }

    /// What comes before the command.
    static let separator = Array("--".utf8CString)
}

extension [CChar] {
    /// A copy of a C string, with its NUL.
    init(nulTerminated text: UnsafePointer<CChar>) {
        self.init(UnsafeBufferPointer(start: text, count: strlen(text) + 1))
    }

    /// The bytes of a C string, without its NUL.
    var contents: [UInt8] { dropLast().map { UInt8(truncatingIfNeeded: $0) } }
}

extension String {
    /// A C string. Bytes that are not UTF-8 are replaced.
    init(nulTerminated text: [CChar]) { self.init(decoding: text.contents, as: UTF8.self) }
}
