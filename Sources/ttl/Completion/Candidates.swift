import ArgumentParser
import TTLStore

/// What a shell offers in the place of an argument: from the store, and nothing where there is none, or where it can't
/// be read.
enum Candidates {
    /// The most that one look finds; as many again where there are more.
    static let limit = 100

    static let keys = CompletionKind.custom { words, index, _ in
        CompletionRequest(words, index)?.answer(keys) ?? []
    }

    static let tags = CompletionKind.custom { words, index, _ in
        CompletionRequest(words, index)?.answer(tags) ?? []
    }

    static let locks = CompletionKind.custom { words, index, _ in
        CompletionRequest(words, index)?.answer(locks) ?? []
    }

    private static func keys(_ store: TTLStore, _ prefix: String) throws -> [String] {
        let first = try keys(store, prefix, count: limit)
        guard first.count >= limit else { return first }
        // A shell completes what all candidates have in common. So of each letter that may follow there must be one.
        let letters = (UInt8(ascii: " ")...UInt8(ascii: "~")).map { String(UnicodeScalar($0)) }
        let others = try letters.compactMap { try keys(store, prefix + $0, count: 1).first }
        return first + others.filter { !first.contains($0) }
    }

    /// The first keys with a prefix, that many, if there are so many.
    private static func keys(_ store: TTLStore, _ prefix: String, count: Int) throws -> [String] {
        var (keys, cursor) = ([String](), TTLStore.Cursor?.none)
        repeat {
            let page = try store.keys(.prefix(prefix), limit: count, after: cursor)
            keys += page.elements.filter { !$0.hasPrefix(unstoredKeys) }
            cursor = page.next
        } while keys.count < count && cursor != nil
        return Array(keys.prefix(count))
    }

    private static func tags(_ store: TTLStore, _ prefix: String) throws -> [String] {
        try store.tags(prefix: prefix, limit: limit).filter { $0 != unstoredTag && !$0.hasPrefix(unstoredTag + ":") }
    }

    // What runs that are not stored leave behind for some seconds is of no use to anybody who types.
    private static let unstoredKeys = UnstoredRun.key(RunKey.prefix)
    private static let unstoredTag = UnstoredRun.tag(RunKey.tag(scope: nil))

    private static func locks(_ store: TTLStore, _ prefix: String) throws -> [String] {
        let names = try store.leases(prefix: prefix).map { LockPlace(leaseName: $0.name).lock }
        return Array(Set(names)).sorted().prefix(limit).map(\.self)
    }
}

/// A word that a shell asks to be completed.
struct CompletionRequest {
    let shell: CompletionShell?
    /// What was typed of the word.
    let typed: String
    /// The file of `--store` on the command line.
    let store: String?

    /// - Parameters:
    ///   - words: the words of the command line, as they were typed.
    ///   - index: of the one to complete.
    /// - Returns: nil where a word holds something that only the shell can tell, such as a variable.
    init?(_ words: [String], _ index: Int) {
        let shell = CompletionShell.requesting
        let form = ShellWord(shell: shell, version: CompletionShell.requestingVersion)
        guard words.indices.contains(index), let typed = form.text(words[index]) else { return nil }
        self.shell = shell
        // Of an option with its value, the value. No candidate begins with a dash.
        let value = typed.hasPrefix("--") ? typed.firstIndex(of: "=").map { typed[typed.index(after: $0)...] } : nil
        self.typed = value.map { String($0) } ?? typed
        var store: String?
        let options = words.prefix(index).prefix { $0 != "--" }
        for (word, next) in zip(options, options.dropFirst() + [""]) {
            let value = word == "--store" ? next : word.hasPrefix("--store=") ? String(word.dropFirst(8)) : nil
            guard let value else { continue }
            guard let text = form.text(value) else { return nil }
            store = text
        }
        self.store = store
    }

    /// The candidates, as the shell's script takes them.
    func answer(_ find: (TTLStore, String) throws -> [String]) -> [String] {
        guard let found = try? StoreLocation.reading(store, { try find($0, typed) }) else { return [] }
        return found.filter(isSafe).map(formatted)
    }

    /// Whether each shell can insert it, and the command takes it for the same key.
    private func isSafe(_ candidate: String) -> Bool {
        // A dash begins an option, and some shells read a tilde as a home folder.
        guard let first = candidate.first, first != "-", first != "~", candidate != " " else { return false }
        // What the shell doesn't quote, or in one place and not in another.
        let unquoted = shell == .bash ? "$`!" : shell == .zsh ? "!" : ""
        if candidate.contains(where: { unquoted.contains($0) }) { return false }
        return candidate.unicodeScalars.allSatisfy {
            switch $0.properties.generalCategory {
            case .control, .lineSeparator, .paragraphSeparator: false
            default: $0 != "\u{FFFD}"
            }
        }
    }

    private func formatted(_ candidate: String) -> String {
        switch shell {
        case .zsh: candidate.replacing("\\", with: "\\\\").replacing(":", with: "\\:")
        case .bash: String(candidate.dropFirst(bashHead.count))
        default: candidate
        }
    }

    /// What bash does not replace: for bash, a word begins anew after a colon.
    private var bashHead: String {
        Environment.text("TTL_COMPLETION_HEAD").flatMap { ShellWord(shell: .bash, version: nil).text($0) } ?? ""
    }
}
