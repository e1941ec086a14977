#if Sessions
import Testing

@testable import TTLSessions

@Suite struct TokenTests {
    @Test("a token is 43 characters of base64url, and is taken back") func form() {
        for _ in 0..<1000 {
            let token = SessionToken.make()
            #expect(token.text.utf8.count == 43)
            #expect(token.text.wholeMatch(of: /[A-Za-z0-9_-]{43}/) != nil)
            #expect(SessionToken(token.text) == token)
        }
    }

    @Test("a million tokens don't repeat") func uniqueness() {
        var tokens = Set<String>(minimumCapacity: 1_000_000)
        for _ in 0..<1_000_000 { tokens.insert(SessionToken.make().text) }
        #expect(tokens.count == 1_000_000)
    }

    @Test("each of a token's 256 bits is set about half the time") func bits() {
        var ones = [Int](repeating: 0, count: 256)
        for _ in 0..<4000 {
            for (place, byte) in RandomBytes.make(32).enumerated() {
                for bit in 0..<8 where byte >> bit & 1 == 1 { ones[place * 8 + bit] += 1 }
            }
        }
        // Ten standard deviations.
        #expect(ones.allSatisfy { (1684...2316).contains($0) })
    }

    @Test(
        "a text that no server makes is no token",
        arguments: [
            "", "a", String(repeating: "A", count: 42), String(repeating: "A", count: 44),
            String(repeating: "A", count: 42) + "B", String(repeating: "A", count: 42) + "=",
            String(repeating: "A", count: 42) + "+", String(repeating: "A", count: 42) + "/",
            String(repeating: "A", count: 42) + "\0", String(repeating: "A", count: 42) + "\"",
            String(repeating: "A", count: 41) + "é", String(repeating: "\0", count: 43),
            String(repeating: "A", count: 1 << 20), "' OR 1=1 --",
        ])
    func malformed(text: String) {
        #expect(SessionToken(text) == nil)
    }

    @Test("the identifier is the SHA-256 of the token's text") func identifier() throws {
        let token = try #require(SessionToken("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"))
        // printf AAAA… | openssl dgst -sha256 -binary | basenc --base64url
        #expect(token.id.text == "DwBzhbb51LfusnSGBa_hqYSgo7-j8BTQnip4TOnlzRo")
        #expect(SessionID(token.id.text) == token.id)
    }

    @Test("no description of a token shows it") func descriptions() {
        let token = SessionToken.make()
        var dumped = ""
        dump(token, to: &dumped)
        for text in ["\(token)", String(reflecting: token), dumped, "\([token])", "\(Optional(token) as Any)"] {
            #expect(!text.contains(token.text))
        }
    }

    @Test("base64url is that of RFC 4648") func encoding() {
        #expect(Base64URL.encode([UInt8]()) == "")
        #expect(Base64URL.encode(Array("foobar".utf8)) == "Zm9vYmFy")
        #expect(Base64URL.encode([0xFB, 0xFF]) == "-_8")
        #expect(Base64URL.encode([UInt8](repeating: 0xFF, count: 32)) == String(repeating: "_", count: 42) + "8")
    }

    @Test("a handle is 12 characters, and no other text is one") func handles() {
        for _ in 0..<100 { #expect(SessionHandle.make().text.wholeMatch(of: /[A-Za-z0-9_-]{12}/) != nil) }
        for text in ["", "abc", "abcdefghijk=", "abcdefghijklm", "abcdefghij\"k"] {
            #expect(SessionHandle(text) == nil)
        }
        #expect(SessionHandle("abcdefghij_-")?.text == "abcdefghij_-")
    }
}
#endif
