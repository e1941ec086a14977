#if Sessions
#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// The application's data as JSON.
enum PayloadCoding {
    static func text(_ payload: some Encodable, maximumSize: Int) throws(SessionError) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // The encoder's own error may quote the payload.
        guard let data = try? encoder.encode(payload) else {
            throw SessionError(.invalidPayload, "the payload can't be written as JSON")
        }
        guard data.count <= maximumSize else {
            throw SessionError(
                .payloadTooLarge, "the payload has \(data.count) bytes of JSON, and \(maximumSize) are allowed")
        }
        return String(decoding: data, as: UTF8.self)
    }

    static func payload<Payload: Decodable>(
        _ type: Payload.Type, _ text: String
    ) throws(SessionError) -> Payload {
        do { return try JSONDecoder().decode(type, from: Data(text.utf8)) } catch {
            throw SessionError(.unreadablePayload, "the stored payload is not the JSON of a \(type)")
        }
    }
}
#endif
