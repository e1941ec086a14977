#if os(Linux)
import Foundation
import TTLTestSupport
import Testing

/// A library that shows a process another time, compiled when a test needs it and loaded before the C library.
private enum FakeClock {
    static let library: String? = {
        guard let folder = try? TemporaryFolder() else { return nil }
        let (source, library) = (folder("clock.c") as String, folder("clock.so") as String)
        kept = folder
        try? Data(code.utf8).write(to: URL(fileURLWithPath: source))
        let compile =
            "clang -shared -fPIC -o '\(library)' '\(source)' || cc -shared -fPIC -o '\(library)' '\(source)'"
        let outcome = try? ChildProcess.run("/bin/sh", ["-c", compile])
        return outcome?.status == 0 ? library : nil
    }()

    /// Set once, within the initialisation of `library`.
    private nonisolated(unsafe) static var kept: TemporaryFolder?

    private static let code = """
        #define _GNU_SOURCE
        #include <stdlib.h>
        #include <sys/syscall.h>
        #include <sys/time.h>
        #include <time.h>
        #include <unistd.h>

        int clock_gettime(clockid_t clock, struct timespec *time) {
            int result = (int)syscall(SYS_clock_gettime, clock, time);
            const char *shown = getenv("SHOWN_SECONDS");
            if (result == 0 && clock == CLOCK_REALTIME && shown) time->tv_sec = atoll(shown);
            return result;
        }

        int gettimeofday(struct timeval *restrict time, void *restrict zone) {
            struct timespec now;
            clock_gettime(CLOCK_REALTIME, &now);
            time->tv_sec = now.tv_sec;
            time->tv_usec = now.tv_nsec / 1000;
            return 0;
        }
        """
}

@Suite("The command by a clock that can't be right", .enabled(if: FakeClock.library != nil))
struct WrongClockTests {
    private let ttl: CommandUnderTest

    init() throws { ttl = try CommandUnderTest() }

    private func run(_ arguments: String, at seconds: Int) throws -> ChildProcess.Outcome {
        try ttl.shell(
            "\"$ttl\" " + arguments,
            environment: ["LD_PRELOAD": FakeClock.library ?? "", "SHOWN_SECONDS": "\(seconds)"])
    }

    /// In January 1970, at the end of 1972, and at the beginning of the year 10000.
    private static let wrong = [1800, 94_608_000, 253_402_300_810]

    @Test(
        "a command by a wrong clock stores nothing and says why in one line; it reads and removes", arguments: wrong
    )
    func existingStore(seconds: Int) throws {
        _ = try ttl("set", "k", "value")
        _ = try ttl("set", "other", "value")
        for line in ["set k new --ttl 90s", "set k new --never", "touch k --ttl 1h", "incr n", "purge"] {
            let outcome = try run(line, at: seconds)
            #expect(outcome.status == 2 && outcome.text.isEmpty, "\(line): \(outcome.status) \(outcome.text)")
            #expect(outcome.errors.hasPrefix("ttl: ") && outcome.errors.hasSuffix("\n"))
            #expect(outcome.errors.split(separator: "\n").count == 1)
            #expect(outcome.errors.contains("the clock stands before 1973 or after 9999"), "\(outcome.errors)")
        }
        #expect(try run("get k", at: seconds).text == "value")
        #expect(try run("rm other", at: seconds).status == 0)
        #expect(try ttl("get", "k").text == "value")
        #expect(try ttl("get", "other").status == 1)
    }

    @Test("a command by a wrong clock makes no store", arguments: wrong)
    func newStore(seconds: Int) throws {
        let outcome = try run("set k value", at: seconds)
        #expect(outcome.status == 2, "\(outcome.errors)")
        #expect(outcome.errors.contains("the clock stands before 1973 or after 9999"), "\(outcome.errors)")
        #expect(!FileManager.default.fileExists(atPath: ttl.store))
        #expect(try ttl("set", "k", "value").status == 0)
    }

    @Test("a command stores and purges in the last seconds of the year 9999")
    func lastSeconds() throws {
        try ttl.addExpired(count: 20)
        #expect(try run("set k value", at: 253_402_300_798).status == 0)
        #expect(try run("purge", at: 253_402_300_798).status == 0)
        #expect(try run("get k", at: 253_402_300_798).text == "value")
    }
}
#endif
