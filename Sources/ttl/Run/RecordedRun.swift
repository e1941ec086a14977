#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What a command has printed, and how it has ended. It is stored as JSON, so that a shell shows it:
/// `{"command":["date"],"output":[{"out":"Fri …\n"}],"status":0}`.
struct RecordedRun: Codable, Equatable {
    enum Stream: String {
        case out
        case err
    }

    /// What came over one stream before something came over the other.
    struct Piece: Equatable {
        let stream: Stream
        var bytes: [UInt8]
    }

    /// The command, for people.
    let command: [String]
    private(set) var output: [Piece] = []
    var status: Int32 = 0

    init(command: [String]) { self.command = command }

    /// How many bytes were printed.
    var size: Int { output.reduce(0) { $0 + $1.bytes.count } }

    mutating func append(_ bytes: ArraySlice<UInt8>, to stream: Stream) {
        guard !bytes.isEmpty else { return }
        if output.last?.stream == stream {
            output[output.count - 1].bytes += bytes
        } else {
            output.append(Piece(stream: stream, bytes: Array(bytes)))
        }
    }

    mutating func removeOutput() { output = [] }

    /// Prints it again: each piece on its stream, one after the other.
    /// - Throws: as the run itself where its standard output is lost; `Interrupted`.
    func replay(_ signals: SignalPipe) throws {
        var delivery = Delivery(isSeen: true)
        for piece in output {
            delivery.add(piece.bytes[...], to: piece.stream)
            try delivery.finish(signals)
        }
        try delivery.requireOutput()
    }
}

extension RecordedRun.Piece: Codable {
    /// The stream, with `64` where the bytes are in base64.
    private enum CodingKeys: String, CodingKey {
        case out, err, out64, err64
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        guard let key = container.allKeys.first, container.allKeys.count == 1 else { throw container.malformed }
        let text = try container.decode(String.self, forKey: key)
        stream = key == .out || key == .out64 ? .out : .err
        if key == .out || key == .err {
            bytes = Array(text.utf8)
        } else {
            guard let decoded = Data(base64Encoded: text) else { throw container.malformed }
            bytes = Array(decoded)
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        if let text {
            try container.encode(text, forKey: stream == .out ? .out : .err)
        } else {
            try container.encode(Data(bytes).base64EncodedString(), forKey: stream == .out ? .out64 : .err64)
        }
    }

    /// Nil for bytes that are not UTF-8, that a shell can't show, or that are longer in JSON than in base64.
    private var text: String? {
        var size = 0
        for byte in bytes {
            switch byte {
            case 0: return nil
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), 8...10, 12, 13: size += 2
            case 1..<32: size += 6
            default: size += 1
            }
        }
        return size <= bytes.count + bytes.count / 3 + 64 ? String(validating: bytes, as: UTF8.self) : nil
    }
}

extension KeyedDecodingContainer {
    fileprivate var malformed: DecodingError {
        .dataCorrupted(.init(codingPath: codingPath, debugDescription: "no piece of output"))
    }
}
