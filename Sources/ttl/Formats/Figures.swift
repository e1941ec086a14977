/// Numbers for people to read.
enum Figures {
    /// `20,300`
    static func grouped(_ number: Int) -> String {
        var digits = String(number.magnitude)
        var index = digits.endIndex
        while let next = digits.index(index, offsetBy: -3, limitedBy: digits.startIndex), next > digits.startIndex {
            digits.insert(",", at: next)
            index = next
        }
        return (number < 0 ? "-" : "") + digits
    }

    /// `812 bytes`, `14.2 KiB`, `3.0 MiB`
    static func bytes(_ count: Int) -> String {
        if count < 1024 { return "\(count) bytes" }
        var size = Double(count) / 1024
        var units = ["KiB", "MiB", "GiB", "TiB"][...]
        while size >= 1023.95, units.count > 1 {
            size /= 1024
            units = units.dropFirst()
        }
        return "\(oneDecimal(size)) \(units.first ?? "")"
    }

    /// `850 µs`, `12.3 ms`, `2.1 s`
    static func time(_ duration: Duration) -> String {
        let microseconds = Double(duration / .microseconds(1))
        if microseconds < 1000 { return "\(Int(microseconds.rounded())) µs" }
        if microseconds < 1_000_000 { return "\(oneDecimal(microseconds / 1000)) ms" }
        return "\(oneDecimal(microseconds / 1_000_000)) s"
    }

    private static func oneDecimal(_ number: Double) -> String {
        let tenths = Int((number * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }

    /// Padded on the left, to the width of a column.
    static func right(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }

    /// Padded on the right.
    static func left(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }
}
