#if Hummingbird
public import Hummingbird
internal import HTTPTypes

/// How the browser keeps the token: in a cookie that only this host gets, over TLS only, and that no script reads.
///
/// `Secure`, `HttpOnly`, `Path=/` and no `Domain`, by a name that begins with `__Host-`, so that browsers accept it in
/// no other way, and no other host can plant it (RFC 6265bis, section 4.1.3.2).
public struct SessionCookie: Sendable {
    /// The cookie's name, with its prefix.
    public let name: String
    /// Which requests from other sites carry the cookie: with `lax` only those that follow a link.
    public let sameSite: Cookie.SameSite
    let isSecure: Bool

    /// A cookie by the name `__Host-id`, or another one with that prefix.
    /// - Parameters:
    ///   - name: without the prefix: letters, digits, `-` and `_`. A character that is none of them becomes `_`. One
    ///     that tells nothing about the application is best.
    ///   - sameSite: `lax`, or `strict` if no page of the session is reached by links from other sites.
    public init(name: String = "id", sameSite: Cookie.SameSite = .lax) {
        self.init(fullName: "__Host-" + SessionCookie.valid(name), sameSite: sameSite, isSecure: true)
    }

    /// **For a developer's own machine only.** A cookie without the prefix and without `Secure`, which a browser keeps
    /// and sends over plain HTTP, so that anybody on the way can read it. The middleware logs a warning, once.
    public static func insecureForLocalDevelopmentOverPlainHTTP(name: String = "id") -> SessionCookie {
        SessionCookie(fullName: valid(name), sameSite: .lax, isSecure: false)
    }

    private init(fullName: String, sameSite: Cookie.SameSite, isSecure: Bool) {
        name = fullName
        self.sameSite = sameSite
        self.isSecure = isSecure
    }

    private static func valid(_ name: String) -> String {
        let characters = name.unicodeScalars.map { scalar in
            scalar.isASCII && (scalar.properties.isAlphabetic || "0123456789-_".unicodeScalars.contains(scalar))
                ? Character(scalar) : "_"
        }
        return characters.isEmpty ? "id" : String(characters)
    }

    /// - Parameter maximumAge: in seconds; nil for a cookie that ends with the browser.
    func cookie(_ value: String, maximumAge: Int?) -> Cookie {
        Cookie(
            name: name, value: value, maxAge: maximumAge, path: "/", secure: isSecure, httpOnly: true,
            sameSite: sameSite)
    }

    /// A browser removes a `__Host-` cookie only by one with the same properties.
    var removal: Cookie { cookie("", maximumAge: 0) }

    /// The values of all cookies of that name, in the browser's order, up to four: it sends one, unless somebody has
    /// planted others.
    func values(in headers: HTTPFields) -> [Substring] {
        var values: [Substring] = []
        for header in headers[values: .cookie] {
            // By bytes: the header may be long, and hold anything.
            for pair in header.utf8.split(separator: UInt8(ascii: ";")) {
                let pair = pair.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
                guard pair.starts(with: name.utf8) else { continue }
                let rest = pair.dropFirst(name.utf8.count)
                guard rest.first == UInt8(ascii: "=") else { continue }
                values.append(Substring(rest.dropFirst()))
                if values.count == 4 { return values }
            }
        }
        return values
    }
}
#endif
