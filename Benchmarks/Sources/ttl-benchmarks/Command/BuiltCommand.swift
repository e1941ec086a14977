import Foundation

/// The command `ttl`, as it has been built.
struct BuiltCommand: Hashable {
    enum Linking: String {
        /// As `.ci/package` builds it.
        case `static`
        /// As `swift build` builds it.
        case dynamic
    }

    let linking: Linking
    let path: String

    /// Copies of what there is. A quick run is content with a debug build.
    ///
    /// Copies, since a file that was written in small pieces is mapped in small pieces, and starts a quarter slower.
    static func all(_ workshop: Workshop) throws -> [BuiltCommand] {
        let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../../..")
        var places: [(Linking, String)] = [(.static, ".build-static/release/ttl"), (.dynamic, ".build/release/ttl")]
        if workshop.options.isQuick { places.append((.dynamic, ".build/debug/ttl")) }
        var commands: [BuiltCommand] = []
        for (linking, place) in places where !commands.contains(where: { $0.linking == linking }) {
            let original = package.appendingPathComponent(place)
            guard FileManager.default.isExecutableFile(atPath: original.path) else { continue }
            let path = "\(workshop.folder)/ttl-\(linking)"
            try Data(contentsOf: original).write(to: URL(fileURLWithPath: path))
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
            commands.append(BuiltCommand(linking: linking, path: path))
        }
        if commands.isEmpty {
            Output.progress("there is no command: .ci/package, or swift build -c release --product ttl, builds it")
        }
        return commands
    }
}
