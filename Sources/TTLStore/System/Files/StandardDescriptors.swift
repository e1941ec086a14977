#if canImport(Darwin)
    internal import Darwin
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Glibc
#endif

/// Standard input, output and error, any of which may be closed.
package enum StandardDescriptors {
    /// Fills the closed ones, so that no file that is opened later gets one of their numbers.
    ///
    /// Best before anything else is opened. Each connection does it as well: SQLite closes a database that got such a
    /// number and opens it anew, which drops all POSIX locks that the process has on the file, those of a store that is
    /// open among them; another process that closes the file then takes itself for the last one, and removes the log.
    ///
    /// What fills them is opened for the wrong direction: who needs standard output still gets an error, as on a closed
    /// descriptor.
    package static func fill() {
        for number in STDIN_FILENO...STDERR_FILENO where fcntl(number, F_GETFD) < 0 {
            // The lowest number that is free is taken.
            let direction = number == STDIN_FILENO ? O_WRONLY : O_RDONLY
            // A folder can be neither read nor written like a file.
            if open("/dev/null", direction) < 0 { _ = open("/", O_RDONLY) }
        }
    }
}
