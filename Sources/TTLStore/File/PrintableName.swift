/// Names in a file are anybody's text.
enum PrintableName {
    /// On one line, without control characters, and not longer than `limit` characters.
    static func shown(_ name: some StringProtocol, limit: Int = 80) -> String {
        let characters = name.unicodeScalars.map { scalar -> Character in
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned, .privateUse: "?"
            default: Character(scalar)
            }
        }
        return String(characters.prefix(limit)) + (characters.count > limit ? "…" : "")
    }
}
