/// SQLite's own busy timeout, which most other programs use to wait for the write lock. It tries again after fixed
/// sleeps (`sqliteDefaultBusyCallback` in SQLite's source, `main.c`).
enum BusyTimeout {
    private static let sleeps: [Milliseconds] = [1, 2, 5, 10, 15, 20, 25, 25, 25, 50, 50, 100]
    /// A sleep lasts a little longer than it was asked to.
    private static let oversleep: Milliseconds = 1

    /// Up to here the pause is as long as the hold: others get half of the time.
    private static let evenly: Milliseconds = 20

    /// How long the write lock has to be free after it was held for that long, so that every connection that began to
    /// wait meanwhile tries again: the longest sleep that can have begun.
    static func pause(after held: Milliseconds) -> Milliseconds {
        var (begin, longest): (Milliseconds, Milliseconds) = (0, 0)
        for sleep in sleeps where begin < held {
            longest = sleep
            begin += sleep
        }
        return max(longest + oversleep, min(held, evenly))
    }
}
