import Foundation
import Testing

@testable import ttl

@Suite("How a run is stored") struct RecordedRunTests {
    @Test(
        "SHA-256 as in FIPS 180-4",
        arguments: [
            ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
            ),
            (
                String(repeating: "a", count: 1_000_000),
                "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
            ),
        ])
    func digest(text: String, expected: String) {
        var hash = SHA256()
        hash.update(Array(text.utf8))
        #expect(hash.digest() == expected)
    }

    @Test("a hash is the same however the bytes are cut, at each length around a block's end")
    func pieces() {
        for length in 0..<200 {
            let bytes = (0..<length).map { UInt8($0) }
            var (whole, cut) = (SHA256(), SHA256())
            whole.update(bytes)
            cut.update(bytes[..<(length / 3)])
            cut.update(bytes[(length / 3)...])
            #expect(whole.digest() == cut.digest())
        }
    }

    @Test("any output is the same after a round trip through JSON")
    func roundTrip() throws {
        var run = RecordedRun(command: ["a", "", "\u{0}é\n"])
        var state: UInt64 = 1
        for length in [0, 1, 2, 3, 64, 5000] {
            for stream in [RecordedRun.Stream.out, .err] {
                let random = (0..<length).map { _ in
                    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                    return UInt8(state >> 56)
                }
                run.append(random[...], to: stream)
                run.append(Array("text é \"\\\n\t\u{1b}[0m".utf8)[...], to: stream == .out ? .err : .out)
                run.append([UInt8](repeating: 10, count: length)[...], to: stream)
                run.append([UInt8](repeating: 1, count: length)[...], to: stream)
            }
        }
        run.status = 255
        let text = try JSONEncoder().encode(run)
        #expect(try JSONDecoder().decode(RecordedRun.self, from: text) == run)
        #expect(text.count < run.size * 3 / 2 + 1000)
    }

    @Test("keys differ where only the border between two fields does, and names become part of a key safely")
    func keys() {
        func key(_ parts: (String, String)...) -> String {
            var key = RunKey(ofProgram: "/usr/bin/a:b c")
            for (label, text) in parts { key.add(label, text) }
            return key.text
        }
        #expect(key(("argument", "ab"), ("argument", "c")) != key(("argument", "a"), ("argument", "bc")))
        #expect(key(("argument", "")) != key())
        #expect(key(("a", "b")) == key(("a", "b")))
        #expect(key().hasPrefix("ttl.run:a_b_c:"))
        #expect(RunKey(ofProgram: String(repeating: "é", count: 2000)).text.utf8.count < 1024)
    }
}
