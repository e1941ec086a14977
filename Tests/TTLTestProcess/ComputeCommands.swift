import Foundation
import TTLStore
import TTLTestSupport

let computeCommands: [String: Command] = [
    // PATH KEY COUNT: on a line of input asks for KEY:0, KEY:1, … on two threads. Prints "computed KEY VALUE" when it
    // computes one, "found KEY VALUE" for each that it gets.
    "compute": { arguments in
        let store = try TTLStore(path: arguments[0])
        say("ready")
        _ = readLine()
        onThreads(2) { thread in
            for number in 0..<(Int(arguments[2]) ?? 1) {
                let key = "\(arguments[1]):\(number)"
                do {
                    let value = try store.getOrCompute(key) {
                        let value = "\(getpid())-\(thread)"
                        say("computed \(key) \(value)")
                        usleep(5000)
                        return value
                    }
                    say("found \(key) \(value)")
                } catch { say("\(error)") }
            }
        }
        store.close()
    },
    // PATH KEY TIME: computes a value for ever, with a lease of TIME milliseconds. Prints "computing".
    "compute-forever": { arguments in
        let store = try TTLStore(path: arguments[0])
        let options = TTLStore.ComputeOptions(leaseDuration: .milliseconds(Int64(arguments[2]) ?? 1000))
        _ = try store.getOrCompute(arguments[1], as: String.self, options: options) {
            say("computing")
            while true { pause() }
        }
    },
    // PATH COUNT: lets one task compute a value until as many others have counted as wait for it. Prints when these
    // have ended, and how many tasks have found the value, computed by how many.
    "compute-tasks": { arguments in
        let store = try TTLStore(path: arguments[0])
        let count = Int(arguments[1]) ?? 1
        let (steps, runs, found, ended) = (Counter(), Counter(), Counter(), Counter())
        for number in 0...count {
            Task {
                let value = try? await store.getOrCompute("key") {
                    runs.add()
                    while ended.value == 0 { try await Task.sleep(for: .milliseconds(1)) }
                    return "value"
                }
                if value == "value" { found.add() }
            }
            if number == 0 { _ = eventually { runs.value > 0 } }
        }
        for _ in 0..<count {
            Task {
                for _ in 0..<100 { await Task.yield() }
                steps.add()
            }
        }
        if eventually({ steps.value == count }) { say("\(count) wait, others go on") }
        ended.add()
        _ = eventually { found.value == count + 1 }
        say("\(found.value) found the value of \(runs.value)")
        store.close()
    },
]
