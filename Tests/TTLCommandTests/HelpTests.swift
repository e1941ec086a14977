import TTLTestSupport
import Testing

@Suite("The help") struct HelpTests {
    let ttl: CommandUnderTest

    init() throws { ttl = try CommandUnderTest() }

    @Test("the help of each subcommand begins with examples")
    func examples() throws {
        let list = try ttl("--help").text.components(after: "SUBCOMMANDS:")
        // A name stands after two spaces, what it does further to the right.
        let names = list.filter { $0.hasPrefix("  ") && !$0.hasPrefix("   ") }
            .compactMap { $0.split(separator: " ").first.map(String.init) }.filter { $0 != "See" }
        #expect(names.count > 15)
        for name in names {
            let help = try ttl(name, "--help").text
            #expect(help.contains("\n\nttl ") && help.contains("\nttl \(name)"), "\(name)")
        }
    }
}

extension String {
    /// The lines after the line with a title.
    fileprivate func components(after title: String) -> [Substring] {
        Array(split(whereSeparator: \.isNewline).drop { $0 != title }.dropFirst())
    }
}
