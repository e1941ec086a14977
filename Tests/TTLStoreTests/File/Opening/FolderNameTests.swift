import Testing

@testable import TTLStore

@Suite("The parts of a path") struct FolderNameTests {
    @Test(
        "paths are split at slashes, whatever follows them",
        arguments: [
            ("/tmp/store.db", "/tmp", "store.db"), ("/store.db", "/", "store.db"), ("store.db", ".", "store.db"),
            ("/tmp/x/\u{301}store.db", "/tmp/x", "\u{301}store.db"), ("a/\u{20DD}/b", "a/\u{20DD}", "b"),
            ("/\u{301}x", "/", "\u{301}x"),
        ])
    func parts(path: String, folder: String, name: String) {
        #expect(Array(FileSystem.folder(of: path).utf8) == Array(folder.utf8))
        #expect(Array(FileSystem.name(of: path).utf8) == Array(name.utf8))
    }
}
