#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// Prints a line in one system call, so that it is either printed or not when the process is killed.
func say(_ line: String) { writeLine(line, to: STDOUT_FILENO) }

func complain(_ line: String) { writeLine(line, to: STDERR_FILENO) }

private func writeLine(_ line: String, to descriptor: Int32) {
    let bytes = Array((line + "\n").utf8)
    _ = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
}
