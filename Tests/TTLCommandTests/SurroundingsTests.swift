import TTLTestSupport
import Testing

@Suite("Odd surroundings", .enabled(if: isLinux))
struct SurroundingsTests {
    let ttl: CommandUnderTest

    init() throws { ttl = try CommandUnderTest() }

    /// Only root may unmount /proc, and not in every container.
    static let canHideProcesses =
        (try? ChildProcess.run("/usr/bin/env", ["unshare", "-m", "umount", "-l", "/proc"]))?.status == 0

    @Test(
        "without /proc, from which the arguments are read, every command fails",
        .enabled(if: canHideProcesses),
        arguments: ["set a 1", "get a", "--version", ""])
    func noProcesses(line: String) throws {
        let outcome = try ttl.shell("unshare -m sh -c 'umount -l /proc && exec $ttl \(line)'")
        #expect(outcome.status == 2 && outcome.output == [])
        #expect(
            outcome.errors == "ttl: the arguments can't be read; on Linux that takes /proc, which must be mounted\n")
        #expect(try ttl.shell("ls -A \(ttl.folder.path)").text == "")
    }

    @Test("a limit on the size of files is an error, and stored entries stay")
    func sizeLimit() throws {
        _ = try ttl("set", "key", "value")
        let outcome = try ttl.shell("ulimit -f 400; head -c 1000000 /dev/zero | $ttl set big")
        #expect(outcome.status == 2)
        #expect(outcome.errors.hasPrefix("ttl: ") && outcome.errors.split(separator: "\n").count == 1)
        #expect(try ttl("get", "key").text == "value")
        #expect(try ttl("get", "big").status == 1)
        #expect(try ttl.shell("head -c 1000000 /dev/zero | $ttl set big && $ttl get big | wc -c").text == "1000000\n")
    }

    @Test(
        "a path with a ~ that no shell has replaced is refused, and no folder of that name is made",
        arguments: [
            ("TTL_STORE='~/x.db' $ttl set k v", 2), ("TTL_STORE='~/x.db' $ttl get k", 2), ("TTL_STORE='~' $ttl ls", 2),
            ("TTL_STORE='~/x/y.db' $ttl stats", 2), ("$ttl --store '~/x.db' set k v", 64),
            ("$ttl set k v --store='~/x.db'", 64), ("$ttl --store '~' rm k", 64), ("$ttl ls --store '~/'", 64),
        ])
    func tilde(line: String, status: Int32) throws {
        let outcome = try ttl.shell("cd \(ttl.folder.path) && \(line)")
        #expect(outcome.status == status)
        #expect(outcome.errors.contains("no shell has replaced ~ by the home folder"))
        #expect(outcome.errors.hasPrefix("ttl: ") && outcome.errors.split(separator: "\n").count == 1)
        #expect(try ttl.shell("ls -A \(ttl.folder.path)").text == "")
    }

    @Test("a folder that is called ~ is reached by ./, and other names may begin with it")
    func folderOfThatName() throws {
        let outcome = try ttl.shell(
            "cd \(ttl.folder.path) && $ttl --store './~/x.db' set k v && $ttl --store '~x.db' set k w && ls -d *")
        #expect(outcome.status == 0 && outcome.text == "~\n~x.db\n")
    }

    @Test(
        "a path that is not UTF-8 is refused rather than changed",
        arguments: ["TTL_STORE=x$(printf '\\377')/s.db $ttl set k v", "TMPDIR=$PWD/$(printf 'x\\377') $ttl demo"])
    func notUTF8(line: String) throws {
        let outcome = try ttl.shell("cd \(ttl.folder.path) && mkdir $(printf 'x\\377') && \(line)")
        #expect(outcome.status == 2)
        #expect(outcome.errors.contains("is not valid UTF-8"))
        #expect(outcome.errors.hasPrefix("ttl: ") && outcome.errors.split(separator: "\n").count == 1)
        #expect(try ttl.shell("ls -A \(ttl.folder.path) | wc -l; ls -A \(ttl.folder.path)/x*").text == "1\n")
    }
}
