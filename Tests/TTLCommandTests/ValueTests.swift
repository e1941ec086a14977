import TTLTestSupport
import Testing

@Suite("ttl set and ttl get")
struct ValueTests {
    let ttl: CommandUnderTest

    init() throws { ttl = try CommandUnderTest() }

    @Test(
        "a value comes back byte for byte, with nothing added",
        arguments: [
            "hello", "two\nlines\n", "é 日本", " spaces ", "{\"a\": 1}", "-5", "--ttl",
        ])
    func text(value: String) throws {
        #expect(try ttl("set", "key", "--", value).status == 0)
        let outcome = try ttl("get", "key")
        #expect(outcome.status == 0)
        #expect(outcome.output == Array(value.utf8))
        #expect(outcome.errors == "")
    }

    @Test(
        "a value that is absent or a dash comes from standard input",
        arguments: [["set", "key"], ["set", "key", "-"], ["set", "key", "--", "-"], ["set", "--", "key", "-"]])
    func standardInput(arguments: [String]) throws {
        let line = "printf 'one\\ntwo' | $ttl \(arguments.joined(separator: " ")) && $ttl get key"
        #expect(try ttl.shell(line).text == "one\ntwo")
    }

    @Test("valid UTF-8 is stored as text, anything else as bytes")
    func kinds() throws {
        #expect(
            try ttl.shell(#"printf 'caf\303\251' | $ttl set text && $ttl get text --json"#).text.contains(
                #""kind":"text""#))
        let bytes = try ttl.shell(#"printf '\377\000\n' | $ttl set bytes && $ttl get bytes"#)
        #expect(bytes.output == [0xFF, 0, 0x0A])
        let json = try ttl("get", "bytes", "--json").text
        #expect(json.contains(#""encoding":"base64""#) && json.contains(#""value":"/wAK""#))
    }

    @Test("a NUL inside text is kept")
    func nul() throws {
        #expect(try ttl.shell(#"printf 'a\000b' | $ttl set key && $ttl get key"#).output == [0x61, 0, 0x62])
    }

    @Test("an integer that another program wrote is printed in decimal")
    func integer() throws {
        _ = try ttl("set", "key", "value")
        try ttl.sqlite3("INSERT INTO live (key, value) VALUES ('number', -9223372036854775808);")
        #expect(try ttl("get", "number").text == "-9223372036854775808")
        #expect(try ttl("get", "number", "--json").text.contains(#""value":-9223372036854775808"#))
    }

    @Test("an absent key is status 1 and prints nothing, also where there is no file yet")
    func absent() throws {
        for _ in 1...2 {
            for arguments in [
                ["get", "key"], ["get", "key", "--json"], ["ttl", "key"], ["get", "key", "--touch", "5m"],
            ] {
                let outcome = try ChildProcess.run("ttl", ["--store", ttl.store] + arguments)
                #expect(outcome.status == 1)
                #expect(outcome.output == [] && outcome.errors == "")
            }
            _ = try ttl("set", "other", "value")
        }
    }

    @Test("reading creates no file")
    func readingCreatesNothing() throws {
        for arguments in [["get", "key"], ["ls"], ["purge"], ["rm", "key"], ["touch", "key", "--never"]] {
            _ = try ChildProcess.run("ttl", ["--store", ttl.folder("folder/none.db")] + arguments)
        }
        #expect(try ttl.shell("ls \(ttl.folder.path)").text == "")
    }

    @Test("if-absent stores only if no live entry has the key, if-present only if one does")
    func conditions() throws {
        #expect(try ttl("set", "key", "one", "--if-present").status == 1)
        #expect(try ttl("set", "key", "one", "--if-absent").status == 0)
        #expect(try ttl("set", "key", "two", "--if-absent").status == 1)
        #expect(try ttl("get", "key").text == "one")
        #expect(try ttl("set", "key", "three", "--if-present").status == 0)
        #expect(try ttl("get", "key").text == "three")
    }

    @Test("if-revision stores only if the value is still the one that was read")
    func compareAndSet() throws {
        #expect(try ttl("set", "key", "one", "--if-revision", "1").status == 1)
        #expect(try ttl.shell("ls \(ttl.folder.path)").text == "")
        _ = try ttl("set", "key", "one")
        let revision = try revision(of: "key")
        #expect(try ttl("set", "key", "two", "--if-revision", revision).status == 0)
        #expect(try ttl("set", "key", "three", "--if-revision", revision).status == 1)
        #expect(try ttl("get", "key").text == "two")
        let next = try self.revision(of: "key")
        _ = try ttl("touch", "key", "--ttl", "5m")
        #expect(try ttl("set", "key", "four", "--if-revision", next, "--keep").status == 0)
        #expect(try ttl("ttl", "key").text.hasPrefix("4m"))
    }

    private func revision(of key: String) throws -> String {
        let json = try ttl("get", key, "--json").text
        let rest = try #require(json.firstRange(of: #""revision":"#)).upperBound
        return String(json[rest...].prefix { $0.isNumber })
    }

    @Test("an expired entry counts as absent")
    func expiredIsAbsent() throws {
        try ttl.addExpired(count: 1)
        #expect(try ttl("get", "expired:1").status == 1)
        #expect(try ttl("ttl", "expired:1").status == 1)
        #expect(try ttl("touch", "expired:1", "--never").status == 1)
        #expect(try ttl("set", "expired:1", "value", "--if-present").status == 1)
        #expect(try ttl("set", "expired:1", "value", "--if-absent").status == 0)
    }

    @Test("JSON has the entry's metadata, on one line")
    func json() throws {
        _ = try ttl("set", "key", "a\nb", "--at", "2999-01-01T00:00:00.5Z")
        let text = try ttl("get", "key", "--json").text
        #expect(text.split(separator: "\n").count == 1 && text.hasSuffix("}\n"))
        for part in [
            #""key":"key""#, #""value":"a\nb""#, #""kind":"text""#, #""expires_at":"2999-01-01T00:00:00.500Z""#,
            #""ttl":"#,
            #""created_at":"#, #""updated_at":"#, #""revision":"#,
        ] { #expect(text.contains(part)) }
    }

    @Test("the option --store wins over the environment, before the subcommand or after it")
    func location() throws {
        let other = ttl.folder("other.db")
        #expect(try ttl("--store", other, "set", "key", "other").status == 0)
        #expect(try ttl("get", "key").status == 1)
        #expect(try ttl("get", "key", "--store", other).text == "other")
    }

    @Test(
        "without option and variable the file is in the state folder, readable by this user alone",
        .enabled(if: isLinux))
    func defaultLocation() throws {
        let environment = ["TTL_STORE": "", "XDG_STATE_HOME": ttl.folder("state")]
        let outcome = try ttl.shell(
            "umask 0; $ttl set key value && stat -c %a $XDG_STATE_HOME/ttl $XDG_STATE_HOME/ttl/store.db",
            environment: environment)
        #expect(outcome.text == "700\n600\n")
    }
}

#if os(Linux)
let isLinux = true
#else
let isLinux = false
#endif
