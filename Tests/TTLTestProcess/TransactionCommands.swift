import TTLStore

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// The work of a process that is killed in a step of several writes.
let transactionCommands: [String: Command] = [
    // PATH NAME transaction|setAll: stores NAME:N:0 to NAME:N:49 in one step, for N = 0, 1, …, and prints each N when
    // it is acknowledged.
    "store-fifty": { arguments in
        let store = try TTLStore(path: arguments[0])
        for number in 0... {
            let keys = (0..<50).map { "\(arguments[1]):\(number):\($0)" }
            if arguments[2] == "setAll" {
                try store.setAll(keys.map { .init($0, .integer(Int64(number))) })
            } else {
                try store.transaction { transaction in for key in keys { try transaction.set(key, number) } }
            }
            say("\(number)")
        }
    },
    // PATH KEY: appends 0, 1, … to a list, and prints each when it is acknowledged.
    "append": { arguments in
        let store = try TTLStore(path: arguments[0])
        for number in 0... {
            try store.update(arguments[1], as: [Int].self) { $0 = ($0 ?? []) + [number] }
            say("\(number)")
        }
    },
    // PATH KEY: changes an entry and stores ten mebibytes, and stays in the closure. Prints "inside".
    "transact-forever": { arguments in
        let store = try TTLStore(path: arguments[0])
        try store.transaction { transaction in
            try transaction.set(arguments[1], "changed")
            for number in 0..<10 {
                try transaction.set("large:\(number)", TTLStore.Value.bytes([UInt8](repeating: 1, count: 1 << 20)))
            }
            say("inside")
            while true { pause() }
        }
    },
    // PATH KEY: stays in the closure of an update. Prints "inside".
    "update-forever": { arguments in
        let store = try TTLStore(path: arguments[0])
        try store.update(arguments[1], as: String.self) { value in
            value = "changed"
            say("inside")
            while true { pause() }
        }
    },
]
