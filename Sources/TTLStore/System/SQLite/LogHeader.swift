internal import CTTLSQLite

/// The header of the wal-index: SQLite's `WalIndexHdr`, 48 bytes that name one state of the database
/// (https://www.sqlite.org/walformat.html, section 2.1).
///
/// Every commit of any process writes it anew, and so does a log that is begun anew. The names in comments are the ones
/// of SQLite's source (`wal.c`, 3.37 to 3.51).
struct LogHeader: Equatable {
    let raw: ttl_log_header

    init(_ raw: ttl_log_header) { self.raw = raw }

    /// `iVersion`, which is 3007000 in every version of SQLite, and `isInit`.
    var isKnown: Bool { raw.words.0 == 3_007_000 && withUnsafeBytes(of: raw) { $0[12] == 1 } }

    /// `iChange`: grows by one with each commit. After a crash, recovery sets it back to 0.
    var change: UInt32 { raw.words.2 }

    /// `mxFrame`: the length of the log.
    var frames: UInt32 { raw.words.4 }

    /// `aSalt`: the first one grows by one whenever the log is begun anew, the second one is random then.
    var salts: [UInt32] { [raw.words.8, raw.words.9] }

    /// Kept in big-endian order.
    private var firstSalt: UInt32 { UInt32(bigEndian: raw.words.8) }

    /// False for the header of a log that holds no commit since it was made or recovered: `aFrameCksum` is 0. Such a
    /// header comes again after other content: when everything is copied, the log is cut off, and a crash makes SQLite
    /// read the empty log anew.
    var hasCommit: Bool { raw.words.6 != 0 || raw.words.7 != 0 }

    /// Whether it stands for the same content as `other`, whose log was begun anew since, and has no commit of its own.
    ///
    /// `walRestartHdr` alone makes such a header: it sets `mxFrame` to 0 and raises the first salt by one. `iChange`
    /// and `aFrameCksum`, the checksum of all frames up to the last commit, stay. A commit in between would have
    /// changed both. Recovery, which sets `iChange` back, keeps no checksum of an empty log.
    func isRestart(of other: LogHeader) -> Bool {
        hasCommit && frames == 0 && change == other.change && firstSalt == other.firstSalt &+ 1
            && raw.words.6 == other.raw.words.6 && raw.words.7 == other.raw.words.7
            && raw.words.5 == other.raw.words.5 && raw.words.3 == other.raw.words.3
    }

    /// Whether it is the header that a commit made: the one that began at `base`, under the write lock, and left the
    /// log with `length` frames.
    ///
    /// A later commit appends frames or begins the log anew, and raises `iChange` in both cases. Where a crash and a
    /// recovery have set `iChange` back, the later commit's frames are in the log all the same, or its salt has grown.
    func isCommit(after base: LogHeader, length: Int) -> Bool {
        let restarts = firstSalt &- base.firstSalt
        return hasCommit && Int(frames) == length && change == base.change &+ 1
            && (restarts == 0 ? salts == base.salts : restarts == 1)
    }

    static func == (first: LogHeader, second: LogHeader) -> Bool {
        withUnsafeBytes(of: first.raw) { first in
            withUnsafeBytes(of: second.raw) { first.elementsEqual($0) }
        }
    }
}
