#if canImport(Darwin)
internal import Darwin
#elseif canImport(Musl)
internal import Musl
#else
internal import Glibc
#endif

/// Standard input, output and error, any of which may be closed.
package enum StandardDescriptors {
    /// Opens something in the place of the closed ones, so that no later file gets one of their numbers.
    ///
    /// Best called before anything else is opened. Each connection calls it as well: SQLite closes a database that got
    /// such a number and opens it anew. That drops all POSIX locks that the process has on the file, also those of an
    /// open store. Another process that closes the file then concludes that it is the last one, and removes the log.
    ///
    /// They are opened for the wrong direction, so a write to standard output still fails, as on a closed descriptor.
    package static func fill() {
        for number in STDIN_FILENO...STDERR_FILENO where fcntl(number, F_GETFD) < 0 {
            // `open` takes the lowest free number.
            let direction = number == STDIN_FILENO ? O_WRONLY : O_RDONLY
            // A folder can be neither read nor written like a file.
            if open("/dev/null", direction) < 0 { _ = open("/", O_RDONLY) }
        }
    }
}
