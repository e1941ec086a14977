extension FileCheck {
    /// Finds out which files other users than the store's may read or write, by the mode bits, without opening
    /// anything.
    mutating func checkFiles() throws {
        guard let path = file.path else { return }
        for (suffix, name) in [("", "the file"), ("-wal", "the log (-wal)"), ("-shm", "the shared memory (-shm)")] {
            guard let mode = FileSystem.mode(of: path + suffix) else { continue }
            if let rights = mode.rightsOfOthers {
                find(.warning, .permissions, "\(name) can be \(rights) by others (mode \(mode))")
            }
        }
        if let mode = FileSystem.mode(of: FileSystem.folder(of: path)), mode.isWritableByOthers {
            find(.warning, .permissions, "the folder can be written by others (mode \(mode))")
        }
        guard let names = FileSystem.names(of: path) else { return }
        if names.isMountRoot {
            find(.warning, .severalNames, "the file is mounted by itself, and its other name has another log")
        }
        if names.count > 1 {
            find(.warning, .severalNames, "the file has \(names.count) names (hard links); open it by one of them only")
        }
    }
}
