import CTTLTestFaults
import Foundation
import TTLStore
import TTLTestSupport

/// Several processes that make the same stores at the same moments.
let creationCommands: [String: Command] = [
    // FOLDER NAME ROUNDS START SEED: from a time in milliseconds on, one round after the other, opens the store of the
    // round. In an opening with a seed, one call of the system fails, or that one and the later ones. Stores a value
    // and prints the round and the key, or the round and the code of the error.
    "create-together": { arguments in
        let (folder, name) = (arguments[0], arguments[1])
        var generator = UInt64(arguments[4]).map { SeededGenerator(seed: $0) }
        guard generator == nil || ttl_faults_install() == 0 else { return say("can't install") }
        for round in 0..<(Int(arguments[2]) ?? 0) {
            let begin = (Double(arguments[3]) ?? 0) / 1000 + Double(round) * 0.02
            usleep(UInt32(max(0, begin - Date.now.timeIntervalSince1970) * 1e6))
            if generator != nil {
                let call = [TTL_FAULT_OPEN, TTL_FAULT_WRITE, TTL_FAULT_MAP].randomElement(using: &generator!)!
                ttl_faults_begin(
                    call, .random(in: 1...6, using: &generator!), .random(using: &generator!), EIO)
            }
            do throws(TTLStoreError) {
                let store = try TTLStore(path: "\(folder)/\(round).db")
                if generator != nil { ttl_faults_end() }
                try store.set(name, "value")
                say("\(round) \(name)")
                store.close()
            } catch { say("\(round) !\(error.code)") }
            if generator != nil { ttl_faults_end() }
        }
    }
]
