import ArgumentParser
import TTLStore

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

struct WatchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch", abstract: "Shows what expires next, and what has just left and why.",
        discussion: """
            ttl watch
            ttl watch session:
            ttl watch | grep ' expired '
            ttl watch --json | jq -r 'select(.cause == "removed").key'

            On a terminal, a screen that 'q' or Ctrl-C ends. Elsewhere one line for each entry that leaves, until a \
            signal ends it, or its reader leaves; keys are escaped as on a terminal, and in JSON they are as they are.

            It follows the 1000 entries that expire next, looks four times a second, and compares. An entry whose time \
            had come has 'expired', deleted or not; one that is gone before was 'removed'; one with another value, tag \
            or key was 'overwritten'. An entry that comes and goes between two looks is not seen. It changes nothing, \
            and no reader or writer waits for it.
            """)

    @OptionGroup var location: StoreLocation

    @Flag(help: "Prints each entry that leaves as one line of JSON.")
    var json = false

    @Argument(help: "What the keys begin with.", completion: Candidates.keys)
    var prefix: String?

    func run() throws {
        try Output.requireOpen()
        let isScreen = Terminal.isOutput && Terminal.canDraw && !json
        // Before the store has a thread.
        let signals = isScreen ? try SignalPipe([SIGWINCH, SIGTSTP, SIGCONT, SIGQUIT]) : nil
        Interrupts.listen()
        try location.withExistingStore(for: .reading, "watch") { store in
            var watcher = Watcher(store, prefix: prefix ?? "", path: try location.path)
            if let signals { try show(&watcher, signals) } else { try printLines(&watcher) }
        }
    }

    // MARK: On a terminal

    private func show(_ watcher: inout Watcher, _ signals: SignalPipe) throws {
        let picture = WatchScreen(path: try location.path, prefix: watcher.prefix)
        let screen = TerminalScreen()
        defer { screen.leave() }
        try screen.enter()
        while true {
            let size = TerminalSize.current
            if watcher.nextLook <= .now { _ = try watcher.look(measured: WatchScreen.upperRows(size)) }
            try screen.draw(picture.lines(watcher.state, size, now: .now), size)
            // Right before the wait, which only a signal to come interrupts. The second signal ends the process with
            // the terminal as it is.
            try Interrupts.check()
            let ready = Readiness.waitToRead([screen.keys, signals.descriptor], until: watcher.nextLook)
            if ready.contains(signals.descriptor) { try answer(signals, screen) }
            if ready.contains(screen.keys) {
                // The terminal is gone.
                guard let keys = screen.readKeys() else { throw Interrupted(signal: SIGHUP) }
                if keys.contains(where: { "qQ".utf8.contains($0) }) { return }
            }
        }
    }

    private func answer(_ signals: SignalPipe, _ screen: TerminalScreen) throws {
        for number in Set(signals.read()) {
            switch number {
            case SIGTSTP: try screen.suspend()
            // The window has another size, or another program has had the terminal.
            case SIGWINCH, SIGCONT: try screen.enter()
            default: throw Interrupted(signal: number)
            }
        }
    }

    // MARK: Elsewhere

    private func printLines(_ watcher: inout Watcher) throws {
        var output = Output(isInterruptible: true)
        while true {
            try Interrupts.check()
            for departure in try watcher.look() {
                if json { output.write(try JSONLine.bytes(departure)) } else { output.write(departure.line + "\n") }
                try output.flush()
            }
            if Readiness.isClosed(STDOUT_FILENO, until: watcher.nextLook) { throw OutputClosed() }
        }
    }
}
