import Foundation
import TTLTestSupport
import Testing

@Suite("The help") struct HelpTests {
    let ttl: CommandUnderTest

    init() throws { ttl = try CommandUnderTest() }

    @Test("the help says what a subcommand does, then how it is called, then gives examples")
    func examples() throws {
        let list = try ttl("--help").text.components(after: "SUBCOMMANDS:")
        // A name stands after two spaces, what it does further to the right.
        let names = list.filter { $0.hasPrefix("  ") && !$0.hasPrefix("   ") }
            .compactMap { $0.split(separator: " ").first.map(String.init) }.filter { $0 != "See" }
        #expect(names.count > 15)
        for name in names {
            let help = try ttl(name, "--help").text
            #expect(help.contains("\n\nttl ") && help.contains("\nttl \(name)"), "\(name)")
            let parts = help.components(separatedBy: "\n\n").prefix(3)
            let beginnings = ["OVERVIEW: ", "USAGE: ttl \(name)", "ttl "]
            #expect(zip(parts, beginnings).allSatisfy { $0.hasPrefix($1) }, "\(name): \(parts)")
        }
        #expect(try ttl("--help").text.components(separatedBy: "\n\n")[1].hasPrefix("USAGE: ttl "))
    }
}

extension String {
    /// The lines after the line with a title.
    fileprivate func components(after title: String) -> [Substring] {
        Array(split(whereSeparator: \.isNewline).drop { $0 != title }.dropFirst())
    }
}
