/// Text in lines as wide as a terminal.
extension PrintableText {
    /// The words in lines, all but the first one indented. A word that is longer than a line, such as a path, stays
    /// whole.
    /// - Parameters:
    ///   - indent: where the first line begins as well, behind other text.
    ///   - columns: nil for one line, as a pipe to `grep` wants it.
    static func wrapped(_ text: String, indent: Int, columns: Int?) -> String {
        guard let columns else { return text }
        var (lines, room) = ([String](), 0)
        for word in text.split(separator: " ") {
            let width = word.reduce(0) { $0 + self.width(of: $1) }
            if let last = lines.last, width < room {
                lines[lines.count - 1] = "\(last) \(word)"
                room -= width + 1
            } else {
                lines.append(String(word))
                room = columns - indent - width
            }
        }
        return lines.joined(separator: "\n" + String(repeating: " ", count: indent))
    }
}
