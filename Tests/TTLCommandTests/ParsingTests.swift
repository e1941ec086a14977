import ArgumentParser
import Testing

@testable import ttl

@Suite("A subcommand that is parsed by itself")
struct ParsingTests {
    /// What makes a difference to a parser, and some values.
    private static let words = [
        "k", "k", "v", "5m", "1", "", "-1", "-", "--", "--", "--store", "--store", "--store=s", "--touch", "--touch=5m",
        "--json", "--ttl", "--ttl", "--ttl=1h", "--ttl=", "--never", "--keep", "--tag", "--tag=t", "--if-absent",
        "--env",
        "--env=A", "--key", "--status", "--forget", "--all", "--quiet", "--prefix", "--long", "--limit=3", "--by", "-E",
        "--help", "-h", "--version", "get", "help", "--no-such", "--generate-completion-script",
    ]

    @Test(
        "has the same values as within the whole command line, whatever that is",
        arguments: TTLCommand.configuration.subcommands.map { $0._commandName })
    func likeTheWhole(name: String) throws {
        let (head, tail) = Self.valid[name] ?? (["k"], [])
        var dice = Dice(state: UInt64(name.utf8.reduce(7) { $0 &* 31 &+ Int($1) }))
        var accepted = 0
        for _ in 0..<80 {
            let more = (0..<Int.random(in: 0...4, using: &dice)).map { _ in Self.words.randomElement(using: &dice) ?? ""
            }
            let line = [name] + (Bool.random(using: &dice) ? head : []) + more + tail
            guard let alone = TTLCommand.parseAlone(line) else { continue }
            accepted += 1
            let whole = try #require(try? TTLCommand.parseAsRoot(line), "\(line) is refused as a whole")
            #expect(Self.values(of: alone) == Self.values(of: whole), "\(line)")
        }
        #expect(accepted > 5)
    }

    /// What makes a command line valid, if not a key alone: before the random words, and after them.
    private static let valid: [String: ([String], [String])] = [
        "run": (["--ttl=1h"], ["--", "true"]), "lock": (["k"], ["--", "true"]), "unlock": (["k", "--token=3"], []),
        "touch": (["k", "--ttl", "1h"], []), "purge": ([], []), "stats": ([], []), "check": ([], []),
        "vacuum": ([], []),
        "demo": ([], []), "export": ([], []),
    ]

    @Test(
        "has the same values in its plain form",
        arguments: [
            ["get", "k"], ["get", ""], ["get", "help"], ["get", "é=1"], ["run", "--ttl", "5m", "--", "true"],
            ["run", "--ttl", "1h30m", "--", "sh", "-c", "--", "--ttl", ""], ["run", "--ttl", "0", "--", "true"],
            ["run", "--ttl", "x", "--", "true"], ["run", "--ttl", "5m", "--", ""],
            ["run", "--ttl", "5m", "--", "--store", "s"], ["run", "--ttl", "5m", "--", "--help"],
        ])
    func plain(line: [String]) {
        let values = { (command: (any ParsableCommand)?) in command.map(Self.values) }
        #expect(values(TTLCommand.parseAlone(line)) == values(try? TTLCommand.parseAsRoot(line)))
    }

    @Test("leaves a line to the whole where --store may be the value of an option before it")
    func swallowed() {
        let line = ["incr", "--ttl", "--store", "--ttl=1h", "n"]
        #expect(TTLCommand.parseAlone(line) == nil)
        #expect(throws: (any Error).self) { try TTLCommand.parseAsRoot(line) }
        #expect(TTLCommand.parseAlone(["incr", "--ttl=1h", "n", "--store", "s"]) != nil)
    }

    @Test("is not taken for help, for a mistake, or after another argument")
    func leftToTheWhole() {
        for line in [
            [], ["get"], ["get", "--help"], ["get", "-h"], ["get", "k", "--no-such"], ["help", "get"], ["--version"],
            ["--store", "s", "get", "k"], ["get", "--generate-completion-script", "bash"], ["nonsense"],
            ["get", "k", "j"],
        ] { #expect(TTLCommand.parseAlone(line) == nil, "\(line)") }
    }

    /// Each property and its value; of the store's place only the value of `--store`, wherever it stands.
    private static func values(of command: any ParsableCommand) -> [String] {
        Mirror(reflecting: command).children.map { child in
            guard let location = child.value as? OptionGroup<StoreLocation> else {
                return "\(child.label ?? ""): \(child.value)"
            }
            return "store: \(location.wrappedValue.given ?? "-")"
        } + ["\(type(of: command))"]
    }
}

/// A repeatable order.
private struct Dice: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return (state >> 32) | (state << 32)
    }
}
