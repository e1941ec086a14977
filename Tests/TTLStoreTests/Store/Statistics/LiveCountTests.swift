import Foundation
import TTLStore
import TTLTestSupport
import Testing

/// In processes of their own: in that of the tests other stores come and go.
@Suite("The count of live stores and threads") struct LiveCountTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func lines(_ child: ChildProcess) -> [String] {
        let text = String(decoding: child.readAll(), as: UTF8.self)
        #expect(child.wait() == 0, "\(child.readErrors())")
        return text.split(separator: "\n").map(String.init)
    }

    @Test("the count of live stores is exact when an opening or a close returns")
    func exact() throws {
        #expect(
            try lines(otherProcess("count-stores", folder("store.db"))) == [
                "at first: 0 stores, 0 threads",
                "two: 2 stores, 2 threads",
                "one by hand: 3 stores, 2 threads",
                "one to read: 4 stores, 2 threads",
                "a failed one: 4 stores, 2 threads",
                "one closed twice: 3 stores, 1 threads",
                "one dropped: 2 stores, 0 threads",
                "all closed: 0 stores, 0 threads",
            ])
    }

    @Test("a store that was closed by its own callback does not count as live")
    func callback() throws {
        #expect(
            try lines(otherProcess("count-callback", folder("store.db"))) == [
                "open: 1 stores, 1 threads", "in the end: 0 stores, 0 threads",
            ])
    }

    @Test("the count of live stores stays right while many threads open and close stores")
    func threads() throws {
        #expect(
            try lines(otherProcess("count-threads", folder.path)) == ["in the end: 0 stores, 0 threads"])
    }

    @Test("the count of live stores begins anew in a forked child")
    func fork() throws {
        #expect(
            try lines(otherProcess("count-fork", folder("store.db"))) == [
                "child: 0 stores, 0 threads", "child's own: 1 stores, 1 threads", "child closed: 0 stores, 0 threads",
                "parent: 1 stores, 1 threads",
            ])
    }
}
