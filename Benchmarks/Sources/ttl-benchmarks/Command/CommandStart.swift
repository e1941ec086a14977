import Foundation

/// Whole processes, as a script starts them.
enum CommandStart: Benchmark {
    static let name = "command"
    static let summary = "ttl get and ttl run on a hit, against the sqlite3 shell: whole processes in turn"

    /// Who starts a process in each round.
    private enum Party: Hashable {
        case shell
        case get(BuiltCommand)
        case run(BuiltCommand)

        var target: Double? {
            switch self {
            case .shell: nil
            case .get(let command): command.linking == .static ? 1.3 : 2
            case .run(let command): command.linking == .static ? 1.5 : nil
            }
        }

        var name: String {
            switch self {
            case .shell: "sqlite3"
            case .get(let command): "ttl get of one key, \(command.linking) program"
            case .run(let command): "ttl run on a hit, \(command.linking) program"
            }
        }
    }

    static func run(_ workshop: Workshop) throws -> [Row] {
        let commands = try BuiltCommand.all(workshop)
        guard let first = commands.first else { return [] }
        let path = workshop.newPath()
        defer { Workshop.removeFile(path) }
        let store = ["TTL_STORE": path]
        let hit = ["run", "--ttl", "1h", "--", "true"]
        _ = try Launch.run(first.path, ["set", "key", Material.value], environment: store)
        _ = try Launch.run(first.path, hit, environment: store)
        let parties = [Party.shell] + commands.map(Party.get) + commands.map(Party.run)
        let rounds = try Rounds(workshop.options.size(200, quick: 5), among: parties) { party in
            switch party {
            case .shell:
                try Launch.run("sqlite3", [path, "SELECT value FROM live WHERE key = 'key'"], environment: [:])
            case .get(let command): try Launch.run(command.path, ["get", "key"], environment: store)
            case .run(let command): try Launch.run(command.path, hit, environment: store)
            }
        }
        let shell = Format.milliseconds(rounds.median(.shell) { $0 } ?? .nan)
        return parties.dropFirst().map { party in
            let (time, ratio) = (
                rounds.median(party) { $0 } ?? .nan, rounds.ratio(of: party, to: .shell) { $0 } ?? .nan
            )
            return Row(
                work: party.name, store: "\(Format.milliseconds(time)), \(Format.ratio(ratio)) × sqlite3 (\(shell))",
                target: party.target.map { "≤ \($0) × sqlite3" } ?? "–", isMet: party.target.map { ratio <= $0 })
        }
    }
}

/// Many processes ask for a run that nobody has made.
enum CommandOnce: Benchmark {
    static let name = "command-once"
    static let summary = "64 processes start ttl run of one command at once, with an empty store"
    private static let processes = 64

    static func run(_ workshop: Workshop) throws -> [Row] {
        guard let command = try BuiltCommand.all(workshop).first else { return [] }
        let times = try (0..<workshop.options.roundCount).map { _ in try round(command, workshop) }
        return [
            Row(
                work: "ttl run of one command by \(processes) processes at once, cold, until the last has ended",
                store: "\(Format.milliseconds(times.median)), at most \(Format.milliseconds(times.max() ?? .nan))",
                target: "< 1 s, run once", isMet: (times.max() ?? .nan) < 1)
        ]
    }

    private static func round(_ command: BuiltCommand, _ workshop: Workshop) throws -> Double {
        let path = workshop.newPath()
        let trace = path + ".trace"
        defer {
            Workshop.removeFile(path)
            unlink(trace)
        }
        let time = try seconds {
            let all = try (0..<processes).map { _ in
                try Launch(
                    command.path, ["run", "--ttl", "1h", "--", "sh", "-c", "echo >>\"$TRACE\"; exec true"],
                    environment: ["TTL_STORE": path, "TRACE": trace])
            }
            for launch in all where try launch.wait().status != 0 { throw WrongResult("ttl run has failed") }
        }
        let count = try Data(contentsOf: URL(fileURLWithPath: trace)).count
        guard count == 1 else { throw WrongResult("the command was run \(count) times") }
        return time
    }
}
