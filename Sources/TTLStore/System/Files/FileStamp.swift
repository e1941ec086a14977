#if canImport(Darwin)
    internal import Darwin
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Glibc
#endif

/// Which file it is, and when it was last written: equal as long as nobody has changed it, as far as the file system's
/// clock tells, which on Linux ticks every few milliseconds.
struct FileStamp: Equatable {
    private let identity: FileIdentity
    private let size: Int64
    /// Seconds and nanoseconds of the latest change of the content, and of anything.
    private let times: [Int]

    /// Nil if the file can't be looked at. One call of `stat`.
    init?(_ path: String) {
        var information = stat()
        guard stat(path, &information) == 0 else { return nil }
        identity = FileIdentity(information)
        size = Int64(information.st_size)
        #if canImport(Darwin)
            let (content, anything) = (information.st_mtimespec, information.st_ctimespec)
        #else
            let (content, anything) = (information.st_mtim, information.st_ctim)
        #endif
        times = [content, anything].flatMap { [Int($0.tv_sec), Int($0.tv_nsec)] }
    }
}
