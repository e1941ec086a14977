#if os(Linux)
import Foundation
import TTLStore
import TTLTestSupport
import Testing

/// `.ci/run` installs them.
let hasShells = (try? ChildProcess.run("/bin/sh", ["-c", "command -v bash zsh fish"]).status) == 0

/// A shell that completes the lines of `ttl`.
enum CompletingShell: String, CaseIterable, Sendable {
    case bash, zsh, fish

    /// Without the settings of a user.
    var arguments: [String] {
        switch self {
        case .bash: ["--noprofile", "--norc", "-i"]
        case .zsh: ["-f", "-i"]
        case .fish: ["--no-config"]
        }
    }

    /// Loads the script as a user would, and defines `args`, which prints its arguments.
    var setUp: String {
        switch self {
        case .bash:
            """
            bind 'set enable-bracketed-paste off'; args() { printf '[%s]' "$@"; echo; }; \
            source $TMPDIR/ttl.bash; PS1='READ''Y>'
            """
        case .zsh:
            """
            unset zle_bracketed_paste; args() { printf '[%s]' "$@"; echo; }; unsetopt prompt_sp; \
            fpath=($TMPDIR $fpath); autoload -Uz compinit; compinit -u -D; PS1='READ''Y>'
            """
        case .fish:
            """
            function args; printf '[%s]' $argv; echo; end; source $TMPDIR/ttl.fish; \
            function fish_prompt; echo -n READ''Y\\>; end
            """
        }
    }
}

@Suite("Completion in bash, zsh and fish", .enabled(if: hasShells, "apt-get install zsh fish"))
struct CompletionTests {
    let ttl: CommandUnderTest

    init() throws {
        ttl = try CommandUnderTest()
        let scripts = packageFolder.appendingPathComponent(".ci/completions").path
        #expect(try ttl.shell("\(scripts) $ttl $TMPDIR").status == 0)
    }

    /// The words of a command line on which the user has pressed TAB.
    private func completed(_ line: String, in shell: CompletingShell, store: String? = nil) throws -> String {
        let terminal = try PseudoTerminal(rows: 60, columns: 200)
        let process = try ttl.run(shell, on: terminal, store: store)
        terminal.send(shell.setUp + "\n")
        #expect(terminal.eventuallyShows("READY>"))
        // The completed line, in quotes or not, becomes the arguments of `args`.
        terminal.send(line + "\t\u{1}args \u{5}\n")
        var words: String?
        _ = eventually(within: 60) {
            // A line that has not ended may come in pieces.
            let text = terminal.text
            let whole = text[..<(text.lastIndex(where: \.isNewline) ?? text.startIndex)]
            words = whole.split(whereSeparator: \.isNewline).last { $0.hasPrefix("[ttl]") }.map(String.init)
            return words != nil
        }
        process.kill(SIGKILL)
        return try #require(words, "\(terminal.text)")
    }

    @Test("keys come from the store, also those that a shell has to quote", arguments: CompletingShell.allCases)
    func keys(shell: CompletingShell) throws {
        let store = try TTLStore(path: ttl.store)
        defer { store.close() }
        for key in ["session:7", "session:8", "a b", "it's", "q\"uote", "back\\slash", "x:y z", "日本語", "u=v", "m@x"] {
            try store.set(key, "v")
        }
        for (line, key) in [
            ("sess", "session:"), ("session:", "session:"), ("session:7", "session:7"), ("a", "a b"), ("'a", "a b"),
            ("\"a", "a b"), ("it", "it's"), ("\"it", "it's"), ("q", "q\"uote"), ("back", "back\\slash"), ("x", "x:y z"),
            ("x:", "x:y z"), ("x:y\\ ", "x:y z"), ("日", "日本語"), ("u=", "u=v"), ("m@", "m@x"), ("none", "none"),
        ] {
            #expect(try completed("ttl get \(line)", in: shell) == "[ttl][get][\(key)]", "\(line)")
        }
    }

    @Test("a word that has not begun is completed", arguments: CompletingShell.allCases)
    func emptyWord(shell: CompletingShell) throws {
        _ = try ttl("set", "only", "v")
        #expect(try completed("ttl get ", in: shell) == "[ttl][get][only]")
        #expect(try completed("ttl ls --tag none ", in: shell).hasPrefix("[ttl][ls][--tag][none]"))
    }

    @Test("no key runs a command or breaks the line", arguments: CompletingShell.allCases)
    func hostile(shell: CompletingShell) throws {
        let store = try TTLStore(path: ttl.store)
        defer { store.close() }
        let trap = ttl.folder("trap")
        let (offered, leftOut) = (
            ["1;touch \(trap)", "2*", "3'\"\\|&<>(){}[]?#^", "4 && touch \(trap)"],
            ["5\ntouch \(trap)\n", "6\t", "7\u{1B}[2J", "--store=\(trap)", "~root", "-8"]
        )
        let expandable = ["a$(touch \(trap))", "b`touch \(trap)`", "c$HOME", "d!!"]
        for key in offered + leftOut + expandable { try store.set(key, "v") }
        for (key, quote) in offered.flatMap({ key in ["", "'", "\""].map { (key, $0) } }) {
            let words = try completed("ttl get \(quote)\(key.prefix(1))", in: shell)
            #expect(words == "[ttl][get][\(key)]", "\(quote)")
        }
        for key in leftOut.prefix(3) {
            #expect(try completed("ttl get \(key.prefix(1))", in: shell) == "[ttl][get][\(key.prefix(1))]")
        }
        for key in expandable {
            let isLeftOut = shell == .bash || shell == .zsh && key.contains("!")
            let expected = isLeftOut ? String(key.prefix(1)) : key
            #expect(try completed("ttl get \(key.prefix(1))", in: shell) == "[ttl][get][\(expected)]")
        }
        #expect(!FileManager.default.fileExists(atPath: trap))
    }

    @Test("tags, names of locks, and the store on the line are known", arguments: CompletingShell.allCases)
    func others(shell: CompletingShell) throws {
        let store = try TTLStore(path: ttl.store)
        defer { store.close() }
        try store.set("k", "v", tag: "site:7")
        let lease = try #require(try store.acquireLease("deploy it", for: .seconds(600)))
        #expect(try completed("ttl ls --tag si", in: shell) == "[ttl][ls][--tag][site:7]")
        #expect(try completed("ttl ls --tag=si", in: shell) == "[ttl][ls][--tag=site:7]")
        #expect(try completed("ttl ls --tag=site:", in: shell) == "[ttl][ls][--tag=site:7]")
        #expect(try completed("ttl ls --tag=", in: shell) == "[ttl][ls][--tag=site:7]")
        #expect(try completed("ttl unlock --token 1 de", in: shell) == "[ttl][unlock][--token][1][deploy it]")
        #expect(try store.release(lease))
        let other = ttl.folder("other store.db")
        let second = try TTLStore(path: other)
        defer { second.close() }
        try second.set("elsewhere", "v")
        for option in ["--store '\(other)'", "--store='\(other)'"] {
            let words = try completed("ttl get \(option) else", in: shell)
            #expect(words.hasSuffix("[elsewhere]"), "\(option)")
        }
        #expect(try completed("ttl get else", in: shell) == "[ttl][get][else]")
    }

    @Test(
        "after '--' of run and lock there is a command line with commands and files",
        arguments: CompletingShell.allCases)
    func commands(shell: CompletingShell) throws {
        let file = ttl.folder("unique name")
        try Data().write(to: URL(fileURLWithPath: file))
        _ = try ttl("set", "cat", "v")
        let typed = ttl.folder("uniq")
        #expect(try completed("ttl run --ttl 5m -- mkfif", in: shell) == "[ttl][run][--ttl][5m][--][mkfifo]")
        #expect(
            try completed("ttl --store=x.db lock job -- mkfif", in: shell)
                == "[ttl][--store=x.db][lock][job][--][mkfifo]")
        #expect(try completed("ttl lock job -- cat -u \(typed)", in: shell) == "[ttl][lock][job][--][cat][-u][\(file)]")
        // No commands before it, nor after that of another subcommand.
        #expect(try completed("ttl run mkfif", in: shell) == "[ttl][run][mkfif]")
        #expect(try completed("ttl get -- ca", in: shell) == "[ttl][get][--][cat]")
    }

    @Test("without a store, nothing is offered, printed or created", arguments: CompletingShell.allCases)
    func noStore(shell: CompletingShell) throws {
        let missing = ttl.folder("missing.db")
        #expect(try completed("ttl get k", in: shell, store: missing) == "[ttl][get][k]")
        #expect(!FileManager.default.fileExists(atPath: missing))
        let foreign = ttl.folder("foreign.db")
        try Data("no store".utf8).write(to: URL(fileURLWithPath: foreign))
        #expect(try completed("ttl get k", in: shell, store: foreign) == "[ttl][get][k]")
        #expect(try completed("ttl wat", in: shell, store: missing) == "[ttl][watch]")
    }
}

@Suite("The candidates for a completion") struct CandidatesTests {
    let ttl: CommandUnderTest

    init() throws { ttl = try CommandUnderTest() }

    /// As a shell's script asks.
    private func candidates(_ typed: String, shell: String = "fish") throws -> ChildProcess.Outcome {
        try ttl.shell(
            "SAP_SHELL=\(shell) $ttl ---completion get -- positional@0 2 ${#typed} ttl get \"$typed\"",
            environment: ["typed": typed])
    }

    @Test("they are few, and stand for all keys that may follow")
    func many() throws {
        let store = try TTLStore(path: ttl.store)
        try store.setAll((1...5000).map { .init("user:\(10_000 + $0)", .integer(1)) })
        try store.setAll(["user:2", "user:9", "user:x"].map { .init($0, .integer(1)) })
        store.close()
        let found = try candidates("us").text.split(separator: "\n")
        #expect(found.count > 50 && found.count <= 200)
        let beyond = try candidates("user:").text.split(separator: "\n")
        #expect(beyond.contains("user:10001") && beyond.contains("user:9") && beyond.contains("user:x"))
        #expect(try candidates("user:1500").text.split(separator: "\n") == ["user:15000"])
    }

    @Test("a word that only the shell can read has none, and a failure prints nothing")
    func unreadable() throws {
        _ = try ttl("set", "a$b", "v")
        #expect(try candidates("$HOME", shell: "zsh").text == " \n")
        #expect(try candidates("a\\$", shell: "zsh").text == "a$b\n \n")
        #expect(try candidates("'a$", shell: "zsh").text == "a$b\n \n")
        let nonsense = try ttl("---completion", "nonsense", "--", "positional@0", "2", "0", "ttl")
        #expect(nonsense.text == "" && nonsense.errors == "")
        let bytes = try ttl.shell("$ttl ---completion get -- positional@0 2 1 ttl get \"$(printf '\\377')\"")
        #expect(bytes.text == "" && bytes.errors == "")
    }
}
#endif
