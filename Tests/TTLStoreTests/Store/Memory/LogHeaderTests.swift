import CTTLSQLite
import Testing

@testable import TTLStore

@Suite("The header of the log's index") struct LogHeaderTests {
    /// A header of the words that matter.
    private func header(
        change: UInt32, frames: UInt32, checksum: UInt32, salt: UInt32, random: UInt32 = 7, pages: UInt32 = 9
    ) -> LogHeader {
        var raw = ttl_log_header()
        raw.words.0 = 3_007_000
        (raw.words.2, raw.words.4, raw.words.5) = (change, frames, pages)
        (raw.words.6, raw.words.7) = (checksum, checksum)
        (raw.words.8, raw.words.9) = (salt.bigEndian, random)
        withUnsafeMutableBytes(of: &raw) { $0[12] = 1 }
        return LogHeader(raw)
    }

    @Test("a log that was begun anew stands for the same content")
    func restart() {
        let commit = header(change: 5, frames: 40, checksum: 11, salt: 255)
        #expect(header(change: 5, frames: 0, checksum: 11, salt: 256, random: 8).isRestart(of: commit))
        #expect(!header(change: 6, frames: 0, checksum: 11, salt: 256).isRestart(of: commit))
        #expect(!header(change: 5, frames: 0, checksum: 12, salt: 256).isRestart(of: commit))
        #expect(!header(change: 5, frames: 0, checksum: 11, salt: 257).isRestart(of: commit))
        #expect(!header(change: 5, frames: 1, checksum: 11, salt: 256).isRestart(of: commit))
        #expect(!header(change: 5, frames: 0, checksum: 11, salt: 256, pages: 10).isRestart(of: commit))
        #expect(!commit.isRestart(of: commit))
    }

    @Test("a log that has no commit stands for nothing that can be told apart")
    func empty() {
        let empty = header(change: 0, frames: 0, checksum: 0, salt: 0)
        #expect(!empty.hasCommit)
        #expect(!header(change: 0, frames: 0, checksum: 0, salt: 1).isRestart(of: empty))
    }

    @Test("a commit is told from a later one, whether the log was begun anew or not")
    func commit() {
        let base = header(change: 5, frames: 40, checksum: 11, salt: 255)
        #expect(header(change: 6, frames: 42, checksum: 12, salt: 255).isCommit(after: base, length: 42))
        #expect(header(change: 6, frames: 2, checksum: 12, salt: 256, random: 3).isCommit(after: base, length: 2))
        // Another process has committed since: with more frames, in a log begun anew, or after a recovery.
        #expect(!header(change: 7, frames: 44, checksum: 13, salt: 255).isCommit(after: base, length: 42))
        #expect(!header(change: 7, frames: 42, checksum: 13, salt: 256).isCommit(after: base, length: 42))
        #expect(!header(change: 6, frames: 42, checksum: 13, salt: 257).isCommit(after: base, length: 42))
        #expect(!header(change: 6, frames: 46, checksum: 13, salt: 255).isCommit(after: base, length: 42))
        #expect(!header(change: 6, frames: 42, checksum: 13, salt: 255, random: 8).isCommit(after: base, length: 42))
    }
}
