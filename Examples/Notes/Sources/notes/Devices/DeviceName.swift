/// A device as a person would name it, by the header `User-Agent`.
enum DeviceName {
    /// For example `Firefox on Windows`. Made of the words below only, whatever the header says.
    static func describe(_ userAgent: String?) -> String {
        guard let userAgent, !userAgent.isEmpty else { return "Unknown browser" }
        let browser = first(of: browsers, in: userAgent) ?? "Unknown browser"
        return first(of: systems, in: userAgent).map { "\(browser) on \($0)" } ?? browser
    }

    private static func first(of names: KeyValuePairs<String, String>, in userAgent: String) -> String? {
        names.first { userAgent.contains($0.key) }?.value
    }

    /// Most browsers name others as well, so the order counts.
    private static let browsers: KeyValuePairs = [
        "Edg": "Edge", "OPR/": "Opera", "Firefox/": "Firefox", "FxiOS/": "Firefox", "CriOS/": "Chrome",
        "Chrome/": "Chrome", "Safari/": "Safari", "curl/": "curl",
    ]
    private static let systems: KeyValuePairs = [
        "iPhone": "iPhone", "iPad": "iPad", "Android": "Android", "CrOS": "ChromeOS", "Windows": "Windows",
        "Mac OS X": "Mac", "Linux": "Linux",
    ]
}
