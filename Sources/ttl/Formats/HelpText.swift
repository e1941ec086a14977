/// Mends ArgumentParser's help: the usage comes right after the sentence that says what a subcommand does, before the
/// examples, and not after all that is to be said.
enum HelpText {
    /// - Parameter text: any other text stays as it is.
    static func mended(_ text: String) -> String {
        var paragraphs = text.split(separator: "\n\n", omittingEmptySubsequences: false)
        guard paragraphs.first?.hasPrefix("OVERVIEW: ") == true,
            let usage = paragraphs.firstIndex(where: { $0.hasPrefix("USAGE: ") })
        else { return text }
        paragraphs.insert(paragraphs.remove(at: usage), at: 1)
        return paragraphs.joined(separator: "\n\n")
    }
}
