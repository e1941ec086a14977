import ArgumentParser
import TTLStore

struct TakeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "take", abstract: "Removes an entry and prints its value, byte for byte, with nothing added.",
        discussion: """
            In one step: of any number of takers exactly one gets the value. It is removed before it is printed, so it \
            is lost if standard output can't be written.

            Exit status 1: no live entry has the key.
            """)

    @OptionGroup var location: StoreLocation

    @Argument(help: "1 to 1024 bytes of UTF-8.")
    var key: String

    func run() throws {
        let value = try location.withStore(for: .changing, missing: nil) { try $0.takeValue(key) }
        guard let value else { throw Ending.notFound }
        try Output.print(value.rawBytes)
    }
}
