import ArgumentParser

/// Reads a word of a command line as a shell would.
struct ShellWord {
    /// Whether the shell passes words with their quotes.
    private let isRaw: Bool
    private let isFish: Bool

    /// - Parameter version: of the shell. Before version 4, fish removes the quotes.
    init(shell: CompletionShell?, version: String?) {
        isFish = shell == .fish
        isRaw = shell != .fish || (version?.split(separator: ".").first.flatMap { Int($0) } ?? 0) >= 4
    }

    /// The word without its quotes; one at the end may be open. Nil where it has something that the shell replaces.
    func text(_ word: String) -> String? {
        guard isRaw else { return word }
        var (text, quote, rest) = ("", Character?.none, word[...])
        if let home = Environment.text("HOME"), word == "~" || word.hasPrefix("~/") {
            (text, rest) = (home, word.dropFirst())
        }
        while let character = rest.popFirst() {
            switch (character, quote) {
            case ("'", "'"), ("\"", "\""): quote = nil
            case ("'", nil), ("\"", nil): quote = character
            case ("$", nil), ("$", "\""): return nil
            case ("`", nil) where !isFish, ("`", "\"") where !isFish: return nil
            case ("\\", _):
                guard let next = rest.first else { break }
                if escapes(next, in: quote) {
                    text.append(next)
                    rest.removeFirst()
                } else {
                    text.append(character)
                }
            default: text.append(character)
            }
        }
        return text
    }

    private func escapes(_ character: Character, in quote: Character?) -> Bool {
        switch quote {
        case nil: true
        case "\"": "\"\\$`".contains(character)
        default: isFish && "'\\".contains(character)
        }
    }
}
