import Foundation
import TTLStore
import TTLTestSupport
import Testing

/// `.ci/run` installs it.
let hasRedis = isLinux && (try? ChildProcess.run("/bin/sh", ["-c", "command -v redis-server redis-cli"]).status) == 0

@Suite("ttl export --format resp", .enabled(if: hasRedis, "apt-get install redis-server redis-tools"))
struct RedisTests {
    let ttl: CommandUnderTest

    init() throws { ttl = try CommandUnderTest() }

    /// A server on a free port of this machine alone, which saves nothing.
    private final class Server {
        let port: Int
        private let process: ChildProcess

        init(folder: TemporaryFolder) throws {
            // Between the look for a port and the start, another program may take it.
            for _ in 1...20 {
                let port = try Server.freePort()
                let process = try ChildProcess(
                    "/usr/bin/env",
                    [
                        "redis-server", "--port", "\(port)", "--bind", "127.0.0.1", "--save", "", "--dir", folder.path,
                    ])
                let answers = eventually {
                    let ping = try? ChildProcess.run("/usr/bin/env", ["redis-cli", "-p", "\(port)", "INFO", "server"])
                    return ping?.text.contains("process_id:\(process.identifier)") == true || !process.isRunning
                }
                guard answers, process.isRunning else { continue }
                (self.port, self.process) = (port, process)
                return
            }
            throw NoServer()
        }

        deinit {
            // A test's thread may have SIGTERM blocked, and the server inherits that.
            process.kill(SIGKILL)
            process.wait()
        }

        private struct NoServer: Error {}

        private static func freePort() throws -> Int {
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            defer { close(descriptor) }
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
            var length = socklen_t(MemoryLayout<sockaddr_in>.size)
            let result = withUnsafeMutablePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
                }
            }
            guard result else { throw NoServer() }
            return Int(UInt16(bigEndian: address.sin_port))
        }

        /// Runs a Lua script on the server, which sees keys and values as bytes.
        func script(_ lua: String) throws -> String {
            try ChildProcess.run("/usr/bin/env", ["redis-cli", "-p", "\(port)", "EVAL", lua, "0"]).text
        }
    }

    private func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
        bytes.map { String(Int($0) + 0x100, radix: 16).dropFirst() }.joined()
    }

    @Test("redis-cli --pipe stores every key and value byte for byte, and each expiry to the millisecond")
    func moved() throws {
        let server = try Server(folder: ttl.folder)
        let store = try TTLStore(path: ttl.store)
        defer { store.close() }
        var expected: [String] = []
        func add(_ key: String, _ value: TTLStore.Value, _ bytes: [UInt8], _ milliseconds: Int64?) throws {
            let expiry = milliseconds.map { TTLStore.Expiry.at(Date(timeIntervalSince1970: Double($0) / 1000)) }
            try store.set(key, value, expiring: expiry ?? .never, tag: "lost")
            expected.append("\(hexadecimal(key.utf8)) \(hexadecimal(bytes)) \(milliseconds ?? -1)")
        }
        try add("nul\0key", .text("nul\0value\r\n$5\r\nquoted\""), Array("nul\0value\r\n$5\r\nquoted\"".utf8), nil)
        try add("\r\n", .bytes(Array(0...255)), Array(0...255), 4_000_000_000_001)
        try add("number", .integer(.min), Array("-9223372036854775808".utf8), 4_000_000_000_999)
        try add("é", .text(""), [], 4_102_444_800_000)
        try add("*3", .text("日本"), Array("日本".utf8), nil)
        for number in 1...5000 {
            try add(
                "key:\(number)", .text("value \(number)"), Array("value \(number)".utf8),
                4_000_000_000_000 + Int64(number))
        }
        let pipe = try ttl.shell("$ttl export --format resp | redis-cli -p \(server.port) --pipe")
        #expect(pipe.text.contains("errors: 0, replies: 5005"), "\(pipe.text)\(pipe.errors)")
        let found = try server.script(
            """
            local lines = {}
            local function hex(text) return (text:gsub('.', function(c) return ('%02x'):format(c:byte()) end)) end
            for _, key in ipairs(redis.call('KEYS', '*')) do
                local at = redis.call('PEXPIRETIME', key)
                lines[#lines + 1] = hex(key) .. ' ' .. hex(redis.call('GET', key)) .. ' ' .. ('%d'):format(at)
            end
            return table.concat(lines, '\\n')
            """
        )
        let lines = found.split(separator: "\n").map(String.init)
        #expect(lines.sorted() == expected.sorted())
    }
}
