/// The owner of a lock's lease: a process and the name of the program that it runs, as a line for people.
struct LockOwner {
    /// Nil for the owner of a lease that another program has acquired.
    let process: ProcessIdentity?
    let program: String?
    let text: String

    private static let separator = ", runs "

    /// - Parameter command: of which only the name of the program is kept: its arguments may be secrets.
    init(_ process: ProcessIdentity, running command: String) {
        let name = command.split(separator: "/").last.map { $0.utf8.prefix(100) }
        let program = name.map { String(decoding: $0, as: UTF8.self) } ?? "?"
        self.init(process.text + LockOwner.separator + program)
    }

    init(_ text: String) {
        self.text = text
        let parts = text.split(separator: LockOwner.separator, maxSplits: 1)
        process = parts.first.flatMap { ProcessIdentity(String($0)) }
        program = process == nil || parts.count < 2 ? nil : String(parts[1])
    }

    /// Whether it has ended for certain.
    var hasEnded: Bool { process?.hasEnded ?? false }

    /// `process 4711 on alpha runs make`
    var shown: String {
        guard let process else { return text }
        return "process \(process.id) on \(process.host)" + (program.map { " runs \($0)" } ?? "")
    }
}
