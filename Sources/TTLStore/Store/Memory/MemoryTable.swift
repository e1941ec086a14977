/// Rows by their keys, up to a size in bytes. A value: `ReadMemory` has a lock around it.
///
/// Where room is needed, the hand of a clock goes round the rows: it spares those that were recalled since it came by,
/// once, and takes out the others. When the table is full, a key is let in only at its second look-up within a while,
/// so that a scan over many keys takes out nothing.
///
/// Not copyable: a copy would count references, which all threads that look up would write to.
struct MemoryTable: ~Copyable {
    /// A place of a hash table with open addressing.
    private struct Slot {
        /// 0 in an empty place. Compared first: the row lies elsewhere in memory.
        var hash = 0
        var row: Remembered?
    }

    /// In bytes.
    let limit: Int
    private(set) var size = 0
    private(set) var count = 0
    /// None or a power of two, at most two thirds of them taken.
    private var slots: [Slot] = []
    private var hand = 0
    /// Parts of the hashes of keys that were looked up and not let in; empty until the table is full.
    private var seen: [UInt32] = []

    private static let seenCount = 4096
    /// A value larger than this share of the table is not kept.
    private static let shareOfLargest = 8

    init(limit: Int) { self.limit = limit }

    subscript(key: HashedKey) -> Remembered? { place(of: key.text, key.hash).flatMap { slots[$0].row } }

    /// The row of a key, as long as the table is not changed. Counting a reference would write to it, and take it out
    /// of the other processors' caches.
    func unretained(_ key: String, _ hash: Int) -> Unmanaged<Remembered>? {
        guard let place = place(of: key, hash), let row = slots[place].row else { return nil }
        return Unmanaged.passUnretained(row)
    }

    /// Whether a key that is not in the table may come in; notes that it was looked up.
    mutating func admits(_ key: HashedKey) -> Bool {
        if size + Remembered.overhead * 4 <= limit { return true }
        if seen.isEmpty { seen = [UInt32](repeating: 0, count: MemoryTable.seenCount) }
        let place = key.hash >> 8 & (MemoryTable.seenCount - 1)
        let mark = UInt32(truncatingIfNeeded: key.hash >> 32) | 1
        if seen[place] == mark { return true }
        seen[place] = mark
        return false
    }

    /// Takes in a row, in the place of an older one of its key. One that is too large is not kept.
    mutating func insert(_ row: Remembered) {
        remove(row.key)
        guard canHold(row.size) else { return }
        makeRoom(for: row.size)
        if 3 * (count + 1) > 2 * slots.count { grow() }
        put(row)
        count += 1
        size += row.size
    }

    mutating func remove(_ key: HashedKey) {
        if let place = place(of: key.text, key.hash) { clear(place) }
    }

    mutating func removeAll() { self = MemoryTable(limit: limit) }

    /// Keeps what was made of a row's value, if the row is still in the table.
    mutating func keep<Content: Sendable>(_ content: Content, in row: Remembered) {
        guard self[row.key] === row, canHold(row.size + row.valueSize) else { return }
        size += row.keep(content)
        makeRoom(for: 0)
    }

    private func canHold(_ size: Int) -> Bool { size <= limit / MemoryTable.shareOfLargest }

    private mutating func makeRoom(for size: Int) {
        while self.size + size > limit, count > 0 {
            hand &= slots.count - 1
            if let row = slots[hand].row, !row.isRecalled {
                // Another row may move here.
                clear(hand)
            } else {
                slots[hand].row?.isRecalled = false
                hand += 1
            }
        }
    }

    // MARK: The hash table

    /// Where a search for the hash begins. The lowest bits choose the shard.
    private func home(_ hash: Int) -> Int { (hash >> 16) & (slots.count - 1) }

    private func next(_ place: Int) -> Int { (place + 1) & (slots.count - 1) }

    private func place(of key: String, _ hash: Int) -> Int? {
        guard !slots.isEmpty else { return nil }
        var place = home(hash)
        while slots[place].hash != 0 {
            if slots[place].hash == hash, let row = slots[place].row, row.key.isSame(as: key) { return place }
            place = next(place)
        }
        return nil
    }

    private mutating func put(_ row: Remembered) {
        var place = home(row.key.hash)
        while slots[place].hash != 0 { place = next(place) }
        slots[place] = Slot(hash: row.key.hash, row: row)
    }

    private mutating func grow() {
        let rows = slots.compactMap(\.row)
        slots = [Slot](repeating: Slot(), count: max(64, 2 * slots.count))
        for row in rows { put(row) }
    }

    /// Empties a place, and moves rows back whose search would end there.
    private mutating func clear(_ cleared: Int) {
        guard let row = slots[cleared].row else { return }
        size -= row.size
        count -= 1
        var (gap, place) = (cleared, next(cleared))
        while slots[place].hash != 0 {
            let distance = (place - home(slots[place].hash)) & (slots.count - 1)
            if distance >= (place - gap) & (slots.count - 1) {
                slots[gap] = slots[place]
                gap = place
            }
            place = next(place)
        }
        slots[gap] = Slot()
    }
}
