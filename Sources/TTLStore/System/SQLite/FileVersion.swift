/// Equal as long as nobody has committed anything.
struct FileVersion: Equatable {
    let ofOthers: Int64
    let commits: Int
}
