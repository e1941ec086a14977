import ArgumentParser
import TTLStore

struct VacuumCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "vacuum", abstract: "Rewrites the file without free pages, as small as it can be.",
        discussion: """
            ttl vacuum

            Seldom needed: programs that use the store give free pages back by themselves. 'ttl stats' shows how much \
            of the file is free. Meanwhile other programs read, and wait to write, each for up to 5 seconds by \
            default. It takes twice the size of the file, half of it in a temporary folder (SQLITE_TMPDIR, TMPDIR, \
            else /var/tmp).

            After a signal, or a failure, the file is as it was. In its last phase, some seconds for each gigabyte, a \
            vacuum can't be ended.

            Exit status 2: the store can't be written, or other programs keep it locked.
            """)

    @OptionGroup var location: StoreLocation
    @OptionGroup var quiet: QuietOption

    func run() throws {
        try Output.requireOpen()
        let gained = try location.withExistingStore(for: .purging, "vacuum") { store in
            Interrupts.listen()
            let bar = ProgressBar(unit: "pages", isWanted: !quiet.isSet)
            defer { bar.clear() }
            return try store.vacuum(progress: bar.showInterruptibly)
        }
        let result = gained > 0 ? "\(Figures.bytes(gained)) smaller" : "as small as it was"
        try quiet.print(line: "the file is \(result)")
    }
}
