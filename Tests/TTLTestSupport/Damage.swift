import Foundation

/// Random damage to the files of a store, by a seed that a failing test prints.
package struct Damage: CustomStringConvertible {
    private var generator: SeededGenerator
    package private(set) var description = ""

    /// The file, its log and its index, as a process leaves them that is killed.
    package static let suffixes = ["", "-wal", "-shm"]
    private static let pageSize = 4096

    package init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    /// Copies the files, and damages one of them.
    package mutating func copy(from origin: String, to path: String) throws {
        // Without the log, damage to a page shows even if the log has a newer version of it.
        let hasLog = chance(2, of: 3)
        let suffix = hasLog ? pick(["", "", "", "-wal", "-shm"]) : ""
        for other in Damage.suffixes where other == "" || hasLog {
            var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: origin + other)))
            if other == suffix { befall(&bytes) }
            try Data(bytes).write(to: URL(fileURLWithPath: path + other))
        }
        description = "\(suffix.isEmpty ? "file" : suffix)\(hasLog ? "" : " alone"): " + description
    }

    private mutating func befall(_ bytes: inout [UInt8]) {
        switch number(10) {
        case 0..<5: flip(&bytes, count: 1 + number(6))
        case 5..<8: smear(&bytes)
        case 8: swapPages(&bytes)
        default: truncate(&bytes)
        }
    }

    private mutating func flip(_ bytes: inout [UInt8], count: Int) {
        description += "bits"
        for _ in 0..<count {
            let (place, bit) = (place(in: bytes), number(8))
            bytes[place] ^= 1 << UInt8(bit)
            description += " \(place).\(bit)"
        }
    }

    private mutating func smear(_ bytes: inout [UInt8]) {
        let place = place(in: bytes)
        let length = min(1 + number(chance(1, of: 4) ? 3000 : 24), bytes.count - place)
        let filling = pick([0x00, 0xFF, -1])
        for index in place..<place + length {
            bytes[index] = filling < 0 ? UInt8(number(256)) : UInt8(filling)
        }
        description += "\(length) bytes at \(place) are \(filling)"
    }

    /// A page in the place of another one, or both in each other's.
    private mutating func swapPages(_ bytes: inout [UInt8]) {
        let pages = bytes.count / Damage.pageSize
        guard pages > 2 else { return smear(&bytes) }
        let (one, other, isCopy) = (1 + number(pages - 1), 1 + number(pages - 1), chance(1, of: 2))
        func range(_ page: Int) -> Range<Int> { page * Damage.pageSize..<(page + 1) * Damage.pageSize }
        let (first, second) = (Array(bytes[range(one)]), Array(bytes[range(other)]))
        bytes.replaceSubrange(range(other), with: first)
        if !isCopy { bytes.replaceSubrange(range(one), with: second) }
        description += "page \(one) \(isCopy ? "over" : "and") \(other)"
    }

    private mutating func truncate(_ bytes: inout [UInt8]) {
        let pages = bytes.count / Damage.pageSize
        let length = chance(1, of: 2) ? number(bytes.count) : number(pages + 1) * Damage.pageSize
        bytes.removeLast(bytes.count - min(length, bytes.count))
        description += "cut off after \(bytes.count)"
    }

    /// Half of the time in the header and the cell pointers of a page, a tenth in the file's own header.
    private mutating func place(in bytes: [UInt8]) -> Int {
        switch number(10) {
        case 0: number(min(100, bytes.count))
        case 1..<6:
            min(number(bytes.count / Damage.pageSize + 1) * Damage.pageSize + number(64), bytes.count - 1)
        default: number(bytes.count)
        }
    }

    private mutating func number(_ limit: Int) -> Int { .random(in: 0..<max(1, limit), using: &generator) }

    private mutating func chance(_ count: Int, of all: Int) -> Bool { number(all) < count }

    private mutating func pick<Element>(_ elements: [Element]) -> Element { elements[number(elements.count)] }
}
