/// The width of text on a terminal.
extension PrintableText {
    /// As much of an escaped text as fits, with `…` where something is missing. No character is cut in two.
    static func cut(_ text: String, columns: Int) -> String {
        var (kept, width, fitting) = ("", 0, "")
        for character in text {
            width += self.width(of: character)
            // What still fits with the mark behind it.
            if width < columns { fitting.append(character) }
            guard width <= columns else { return columns > 0 ? fitting + "…" : "" }
            kept.append(character)
        }
        return kept
    }

    /// At most so many columns. Terminals differ in joined characters: some draw each of the parts.
    static func width(of character: Character) -> Int {
        character.unicodeScalars.reduce(0) { $0 + width(of: $1) }
    }

    private static func width(of scalar: Unicode.Scalar) -> Int {
        // It turns the symbol before it into a picture, which is wider.
        if scalar == "\u{FE0F}" { return 1 }
        if scalar.value < 0x300 { return 1 }
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format: return 0
        default: return scalar.properties.isEmojiPresentation || isWide(scalar.value) ? 2 : 1
        }
    }

    /// The wide and full-width characters (https://www.unicode.org/reports/tr11/), in blocks.
    private static func isWide(_ value: UInt32) -> Bool { wide.contains { $0.contains(value) } }

    private static let wide: [ClosedRange<UInt32>] = [
        0x1100...0x115F, 0x2329...0x232A, 0x2E80...0x303E, 0x3041...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3,
        0xF900...0xFAFF, 0xFE10...0xFE19, 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x16FE0...0x18DFF,
        0x1AFF0...0x1B2FF, 0x1F1E6...0x1F2FF, 0x1F300...0x1F64F, 0x1F680...0x1F6FF, 0x1F900...0x1FAFF,
        0x20000...0x3FFFD,
    ]
}
