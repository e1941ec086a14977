// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

/// Measures beside LMDB as well, which must be installed (Debian's `liblmdb-dev`).
let usesLMDB = Context.environment["TTL_LMDB"] == "1"

let package = Package(
    name: "Benchmarks",
    platforms: [.macOS(.v15)],
    dependencies: [
        // By name: a clone's folder may have any.
        .package(name: "TTLStore", path: ".."),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    ],
    targets: [
        .target(
            name: "CTTLBenchmarkLoops",
            cSettings: [.unsafeFlags(["-Wall", "-Wextra"])] + (usesLMDB ? [.define("TTL_BENCH_LMDB")] : []),
            linkerSettings: [.linkedLibrary("sqlite3"), .linkedLibrary("pthread", .when(platforms: [.linux]))]
                + (usesLMDB ? [.linkedLibrary("lmdb")] : [])),
        .executableTarget(
            name: "ttl-benchmarks",
            dependencies: [
                "CTTLBenchmarkLoops",
                .product(name: "TTLStore", package: "TTLStore"),
                .product(name: "GRDB", package: "GRDB.swift"),
            ],
            swiftSettings: strict),
    ]
)
