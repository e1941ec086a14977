/// A command whose run is looked for or made.
struct RunPlan {
    let program: ProgramFile
    let command: CommandWords
    let query: RunQuery
    let tag: String
    /// The command's standard input.
    let input: Int32
    let discardsFailures: Bool
    /// In bytes of output.
    let limit: Int

    var key: String { query.key }
}
