import Foundation
import TTLStore
import Testing

@testable import ttl

@Suite("The screen of ttl watch") struct WatchScreenTests {
    private let now = Date(timeIntervalSince1970: 1_800_000_000)
    private let screen = WatchScreen(path: "/home/ada/store.db", prefix: "")

    /// Entries that expire after 1, 2, 3 … minutes, and some that have left.
    private func state(_ keys: [String], left: [String] = []) throws -> WatchState {
        var state = WatchState()
        let revision = try #require(TTLStore.Revision("1"))
        let gone = left.map { WatchedEntry(key: $0, expiresAt: now - 3, revision: revision, tag: nil) }
        state.update(gone, now: now - 4) { _ in nil }
        let next = keys.enumerated().map {
            WatchedEntry(key: $1, expiresAt: now + Double($0 + 1) * 60, revision: revision, tag: nil)
        }
        state.update(next, now: now) { _ in nil }
        state.measure(first: 100) { $0.key.utf8.count * 1000 }
        return state
    }

    private func texts(_ state: WatchState, _ rows: Int, _ columns: Int, _ screen: WatchScreen? = nil) -> [String] {
        (screen ?? self.screen).lines(state, TerminalSize(rows: rows, columns: columns), now: now).map(\.text)
    }

    @Test("it shows what expires next, and below what has left")
    func picture() throws {
        #expect(
            texts(try state(["token", "page"], left: ["old"]), 12, 60) == [
                "/home/ada/store.db",
                "",
                "    time left         size  key",
                "           1m      4.9 KiB  token",
                "           2m      3.9 KiB  page",
                "",
                "",
                "",
                "     left ago  cause        key",
                "           3s  expired      old",
                "",
                "q quits",
            ])
    }

    @Test("a narrow screen has no sizes, a flat one no titles")
    func small() throws {
        let state = try state(["token", "page", "third"], left: ["old"])
        #expect(texts(state, 10, 30)[3] == "       1m  token")
        #expect(texts(state, 3, 30) == ["       1m  token", "       2m  page", "       3s  expired      old"])
        #expect(texts(state, 1, 30) == ["       1m  token"])
        #expect(texts(state, 1, 8) == ["       …"])
    }

    @Test("it says that nothing expires, of a prefix as well")
    func empty() throws {
        #expect(texts(try state([]), 24, 80)[3] == "  no entry expires")
        let ofPrefix = WatchScreen(path: "s.db", prefix: "a\n:")
        #expect(texts(try state([]), 24, 80, ofPrefix)[0] == "s.db, keys that begin with a\\n:")
        #expect(texts(try state([]), 24, 80, ofPrefix)[3] == "  no entry expires whose key begins with a\\n:")
    }

    @Test("on a screen of any size, there is at most a line for each row, and none is wider than the screen")
    func sizes() throws {
        let strange = [
            "plain", "日本語日本語日本語", "e\u{301}\u{301}\u{301}", "a\n\u{1B}[2J", "👨‍👩‍👧‍👦👨‍👩‍👧‍👦", "🇩🇪🇫🇷", "❤️❤️",
            "\u{202E}right", String(repeating: "long ", count: 200), "\u{200B}", "한글",
        ]
        let state = try state(strange, left: strange)
        for rows in 1...60 {
            for columns in [1, 2, 3, 5, 9, 10, 11, 12, 20, 26, 27, 28, 29, 30, 49, 50, 51, 80, 200] {
                let lines = texts(state, rows, columns)
                #expect(lines.count == rows)
                for line in lines {
                    #expect(line.reduce(0) { $0 + PrintableText.width(of: $1) } <= columns, "\(line)")
                    #expect(!line.unicodeScalars.contains { $0.properties.generalCategory == .control })
                }
            }
        }
    }

    @Test("text is cut between characters, with a mark, and only where it is too long")
    func cuts() {
        func cut(_ text: String, _ columns: Int) -> String { PrintableText.cut(text, columns: columns) }
        #expect(cut("abcdef", 6) == "abcdef")
        #expect(cut("abcdef", 5) == "abcd…")
        #expect(cut("日本語", 6) == "日本語")
        #expect(cut("日本語", 5) == "日本…")
        #expect(cut("日本語", 4) == "日…")
        #expect(Array(cut("ae\u{301}xyz", 3).utf8) == Array("ae\u{301}…".utf8))
        #expect(cut("abc", 1) == "…")
        #expect(cut("abc", 0) == "")
        #expect(cut("", 0) == "")
    }
}
