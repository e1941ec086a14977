#if canImport(Darwin)
internal import Darwin
#elseif canImport(Musl)
internal import Musl
#else
internal import Glibc
#endif

/// A file's identity and the times of its last changes. Two stamps are equal as long as no process has changed the
/// file, within the precision of the file system's clock, which on Linux ticks every few milliseconds.
struct FileStamp: Equatable {
    private let identity: FileIdentity
    private let size: Int64
    /// Seconds and nanoseconds of the latest change of the content, and of the latest change of any kind.
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
