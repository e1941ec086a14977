import Crypto
import CryptoExtras
import Foundation
import NIOPosix
import TTLStore

/// The users and the hashes of their passwords, in the store under `notes:user:`.
struct Users {
    let store: TTLStore

    /// Shown on the login page, because this is a demonstration.
    static let demo = [(name: "ada", password: "engine-1843"), (name: "bob", password: "sailing-boat-7")]

    func addDemoUsers() async throws {
        for user in Users.demo where try await !store.contains(key(user.name)) {
            try await store.set(key(user.name), try await PasswordHash.make(user.password))
        }
    }

    /// Whether it is the password of that user. Takes as long for a name that no user has.
    func isPassword(_ password: String, of name: String) async throws -> Bool {
        // A longer name is no key of a store.
        let isName = (1...64).contains(name.utf8.count)
        let stored = isName ? try await store.get(key(name), as: PasswordHash.self) : nil
        let isRight = try await (stored ?? PasswordHash.nobody).matches(password)
        return stored != nil && isRight
    }

    private func key(_ name: String) -> String { "notes:user:" + name }
}

/// A password as it is kept: salted, and hashed by scrypt with parameters that OWASP advises (N = 2¹⁴, r = 8, p = 5).
struct PasswordHash: Codable {
    let salt: Data
    let hash: Data

    /// No password matches it.
    static let nobody = PasswordHash(salt: Data(count: 16), hash: Data(count: 32))

    static func make(_ password: String) async throws -> PasswordHash {
        let salt = Data((0..<16).map { _ in UInt8.random(in: .min ... .max) })
        let key = try await derive(password, salt)
        return PasswordHash(salt: salt, hash: key.withUnsafeBytes { Data($0) })
    }

    /// Compares keys in constant time, as `SymmetricKey` does.
    func matches(_ password: String) async throws -> Bool {
        try await PasswordHash.derive(password, salt) == SymmetricKey(data: hash)
    }

    /// On a thread for blocking work, of which there are few: a hash takes some 100 ms of one core.
    private static func derive(_ password: String, _ salt: Data) async throws -> SymmetricKey {
        try await NIOThreadPool.singleton.runIfActive {
            try KDF.Scrypt.deriveKey(
                from: Data(password.utf8), salt: salt, outputByteCount: 32, rounds: 1 << 14, blockSize: 8,
                parallelism: 5)
        }
    }
}
