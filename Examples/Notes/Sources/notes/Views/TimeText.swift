import Foundation

/// Times as a person would say them.
enum TimeText {
    static func ago(_ date: Date) -> HTML {
        let passed = Duration.seconds(Date.now.timeIntervalSince(date))
        let text = passed < .seconds(60) ? "just now" : "\(duration(passed)) ago"
        return "<time datetime=\"\(date.ISO8601Format())\">\(text)</time>"
    }

    static func duration(_ duration: Duration) -> String {
        let seconds = max(1, duration.components.seconds)
        for (unit, length) in units where seconds >= length {
            let count = seconds / length
            return "\(count) \(unit)\(count == 1 ? "" : "s")"
        }
        return "a moment"
    }

    private static let units: [(String, Int64)] = [("day", 86_400), ("hour", 3600), ("minute", 60), ("second", 1)]
}
