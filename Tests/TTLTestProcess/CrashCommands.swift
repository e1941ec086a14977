import TTLStore

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// Crashes of a callback, for the program's crash handler.
let crashCommands: [String: Command] = [
    // PATH trap|fault|NUMBER: has a handler that prints "handled" and exits with 3 for the signals of a crash, and then
    // traps, reads memory that is not there, or raises the signal with that number, on the store's thread. Prints "not
    // handled" where the callback goes on after that.
    "crash": { arguments in
        for number in [SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGABRT, SIGSYS] {
            signal(number) { _ in
                say("handled")
                _exit(3)
            }
        }
        let crash = arguments[1]
        var configuration = TTLStore.Configuration()
        configuration.onExpirerActivity = { activity in
            guard case .purged = activity else { return }
            switch crash {
            case "trap": fatalError("as the test wants it")
            case "fault": say("\(UnsafePointer<Int>(bitPattern: 64)?.pointee ?? 0)")
            default: raise(Int32(crash) ?? 0)
            }
            say("not handled")
            _exit(4)
        }
        let store = try TTLStore(path: arguments[0], configuration: configuration)
        try store.set("key", "value", expiring: .after(.milliseconds(1)))
        withExtendedLifetime(store) { while true { pause() } }
    }
]
