#if Hummingbird
#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A browser that keeps one connection, and sends a request when it has the answer to the one before.
final class Visitor {
    private let socket: Int32
    private var buffer = [UInt8](repeating: 0, count: 4096)

    /// - Parameter port: of a server on this machine.
    init(port: UInt16) throws {
        #if canImport(Glibc)
        socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        #elseif canImport(Musl)
        socket = Musl.socket(AF_INET, SOCK_STREAM, 0)
        #else
        socket = Darwin.socket(AF_INET, SOCK_STREAM, 0)
        #endif
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let outcome = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard outcome == 0 else { throw WrongResult("no connection to the server: errno \(errno)") }
        var on: Int32 = 1
        setsockopt(socket, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
    }

    deinit { close(socket) }

    static func request(_ path: String, cookie: String) -> [UInt8] {
        let lines = [
            "GET \(path) HTTP/1.1", "Host: localhost", "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0)",
            "Accept: text/html", "Cookie: \(cookie)", "", "",
        ]
        return Array(lines.joined(separator: "\r\n").utf8)
    }

    /// Sends a request and reads the whole answer.
    /// - Throws: `WrongResult` for any answer but status 200 with the text of `Server.answer`.
    func visit(_ request: [UInt8]) throws {
        guard send(socket, request, request.count, 0) == request.count else {
            throw WrongResult("a request can't be sent: errno \(errno)")
        }
        var length = 0
        while true {
            let count = buffer.withUnsafeMutableBytes { bytes in
                recv(socket, bytes.baseAddress! + length, bytes.count - length, 0)
            }
            guard count > 0 else { throw WrongResult("the server has closed a connection") }
            length += count
            if isWhole(buffer[..<length]) { return }
            guard length < buffer.count else { throw WrongResult("an answer is too long") }
        }
    }

    /// The head ends with an empty line, and the text of each answer has the same length.
    private func isWhole(_ answer: ArraySlice<UInt8>) -> Bool {
        let end = Array(("\r\n\r\n" + Server.answer).utf8)
        return answer.starts(with: "HTTP/1.1 200".utf8) && answer.suffix(end.count).elementsEqual(end)
    }
}
#endif
