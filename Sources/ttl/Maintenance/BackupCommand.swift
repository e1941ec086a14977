import ArgumentParser
import TTLStore

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

struct BackupCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup", abstract: "Copies the store into a new file, while other programs read and write it.",
        discussion: """
            ttl backup store-$(date +%F).db
            ttl backup copy.db && ttl --store copy.db ls

            The copy is the state of one moment, and a store of its own. It is complete once it has its name; an \
            existing file is left as it is. A signal, or a failure, leaves nothing behind; only a process that is \
            killed leaves a file '.ttl-backup-…', which may be deleted. Copying a store with cp misses its log.

            A backup copies damage as well: 'ttl --store copy.db check' reads it all.

            Exit status 2: the store can't be read, or the copy not written.
            """)

    @OptionGroup var location: StoreLocation
    @OptionGroup var quiet: QuietOption

    @Argument(help: "The new file, in a folder that exists.", completion: .file())
    var file: String

    func validate() throws {
        if file == "-" { throw ValidationError("backup: it writes a file, not standard output; see 'ttl export'") }
    }

    func run() throws {
        try Output.requireOpen()
        try location.withExistingStore(for: .reading, "backup") { store in
            Interrupts.listen()
            let bar = ProgressBar(unit: "pages", isWanted: !quiet.isSet)
            defer { bar.clear() }
            do {
                try store.backup(to: file, progress: bar.showInterruptibly)
            } catch let error as TTLStoreError where error.code == .fileExists {
                throw CommandFailure(message: "\(error.description); give another name, or remove it first: \(file)")
            }
        }
        try quiet.print(line: "copied \(Figures.bytes(size))")
    }

    private var size: Int {
        var information = stat()
        return stat(file, &information) == 0 ? Int(information.st_size) : 0
    }
}
