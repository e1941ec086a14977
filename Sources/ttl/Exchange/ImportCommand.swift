import ArgumentParser
import TTLStore

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

struct ImportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Stores the entries that 'ttl export' has printed.",
        discussion: """
            ttl import entries.ndjson
            zcat entries.ndjson.gz | ttl import --if-absent

            Each line is an object of JSON with a key and a value, and, where it applies, with "encoding":"base64", \
            expires_at (a date, or milliseconds since 1970; null or absent for never) and tag; 'ttl ls --json' prints \
            such lines, too. Their ttl counts for nothing: expires_at does. Blank lines are passed over, and so is a \
            byte order mark at the beginning. An entry that has expired is skipped, and changes nothing. A live entry \
            with the same key is overwritten, or with --if-absent left as it is.

            A line that can't be stored is reported with its number on standard error, and the import goes on; with \
            --strict it ends there. After \(ImportCommand.complaintLimit) of them, further ones are only counted. Up \
            to \(ImportCommand.batchLimit) lines are stored at once, or none of them; other programs may read and \
            write meanwhile. A line has at most \(ImportCommand.lineLimit >> 20) MiB, which leaves room for the \
            largest value, escaped.

            Prints how many entries were stored and skipped; with --json as an object.

            Exit status 1: a line was bad. With --strict, no line of its batch is stored. Status 2: the store or the \
            input failed; the message says up to which line entries are stored. A signal ends the import between two \
            batches, or within a line.
            """)

    static let batchLimit = 20_000
    static let complaintLimit = 100
    /// Each byte of a value may become six, as `\u0000`.
    static let lineLimit = TTLStore.Configuration().maximumValueSize * 6 + 1 << 20

    @OptionGroup var location: StoreLocation
    @OptionGroup var quiet: QuietOption

    @Flag(help: "Leaves live entries as they are.")
    var ifAbsent = false

    @Flag(help: "Ends at the first bad line.")
    var strict = false

    @Flag(help: "Prints the numbers as one line of JSON.")
    var json = false

    @Argument(help: "A file; absent or '-' for standard input.", completion: .file())
    var file: String?

    func run() throws {
        try Output.requireOpen()
        let descriptor = try openInput()
        var information = stat()
        let isFile = fstat(descriptor, &information) == 0 && information.st_mode & S_IFMT == S_IFREG
        let size = isFile ? Int(information.st_size) : nil
        let report = try location.withStore(for: .storing, missing: ImportReport()) { store in
            Interrupts.listen()
            let bar = ProgressBar(unit: size == nil ? "lines" : "bytes", isWanted: !quiet.isSet)
            let importer = Importer(store: store, ifAbsent: ifAbsent, isStrict: strict, bar: bar)
            defer { bar.clear() }
            let reader = LineReader(descriptor: descriptor, name: inputName, limit: ImportCommand.lineLimit)
            return try importer.run(reader, size: size)
        }
        try quiet.print(line: json ? report.json : report.text)
        if report.bad > 0 { throw Ending.notFound }
    }

    private var inputName: String { file == nil || file == "-" ? "standard input" : "import: the file" }

    private func openInput() throws -> Int32 {
        guard let file, file != "-" else { return STDIN_FILENO }
        let descriptor = open(file, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw CommandFailure(message: "import: \(String(cString: strerror(errno))): \(file)")
        }
        return descriptor
    }
}
