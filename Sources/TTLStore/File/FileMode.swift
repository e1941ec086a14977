#if canImport(Darwin)
internal import Darwin
#elseif canImport(Musl)
internal import Musl
#else
internal import Glibc
#endif

/// The permission bits of a file or folder.
struct FileMode: Equatable, CustomStringConvertible {
    let bits: UInt32

    /// In the notation of `chmod`, e.g. `0644`.
    var description: String { "0" + String(bits, radix: 8) }

    /// Others are the file's group and all other users.
    var isReadableByOthers: Bool { bits & 0o044 != 0 }

    var isWritableByOthers: Bool { bits & 0o022 != 0 }

    /// `read`, `written`, `read and written`, or nil for a file to which only its user has access.
    var rightsOfOthers: String? {
        switch (isReadableByOthers, isWritableByOthers) {
        case (true, true): "read and written"
        case (true, false): "read"
        case (false, true): "written"
        case (false, false): nil
        }
    }
}

extension FileSystem {
    /// Nil if there is no such file.
    static func mode(of path: String) -> FileMode? {
        information(of: path).map { FileMode(bits: UInt32($0.st_mode) & 0o7777) }
    }

    private static func information(of path: String) -> stat? {
        var information = stat()
        return stat(path, &information) == 0 ? information : nil
    }
}
