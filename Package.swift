// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

/// Each only with its trait: without one, SwiftPM neither fetches nor builds its package.
let integrations: [Target.Dependency] = [
    .product(
        name: "ServiceLifecycle", package: "swift-service-lifecycle", condition: .when(traits: ["ServiceLifecycle"])),
    .product(name: "Logging", package: "swift-log", condition: .when(traits: ["Logging"])),
    .product(name: "Metrics", package: "swift-metrics", condition: .when(traits: ["Metrics"])),
]
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto", condition: .when(traits: ["Sessions"]))
let hummingbird: [Target.Dependency] = [
    .product(name: "Hummingbird", package: "hummingbird", condition: .when(traits: ["Hummingbird"])),
    .product(name: "HTTPTypes", package: "swift-http-types", condition: .when(traits: ["Hummingbird"])),
    .product(name: "NIOCore", package: "swift-nio", condition: .when(traits: ["Hummingbird"])),
    .product(name: "NIOConcurrencyHelpers", package: "swift-nio", condition: .when(traits: ["Hummingbird"])),
]

let package = Package(
    name: "TTLStore",
    platforms: [.macOS(.v15), .iOS(.v18), .tvOS(.v18), .watchOS(.v11), .visionOS(.v2)],
    products: [
        .library(name: "TTLStore", targets: ["TTLStore"]),
        .library(name: "TTLStoreTesting", targets: ["TTLStoreTesting"]),
        .library(name: "TTLSessions", targets: ["TTLSessions"]),
        .library(name: "TTLSessionsTesting", targets: ["TTLSessionsTesting"]),
        .library(name: "TTLHummingbird", targets: ["TTLHummingbird"]),
    ],
    traits: [
        .trait(name: "ServiceLifecycle", description: "A store is a service, and closes when its service group stops."),
        .trait(name: "Logging", description: "The work of the store's thread is logged by swift-log."),
        .trait(name: "Metrics", description: "The statistics of a store are reported by swift-metrics."),
        .trait(name: "Sessions", description: "TTLSessions: sessions of a web server, by swift-crypto."),
        .trait(
            name: "Hummingbird", description: "TTLHummingbird: sessions and storage for a Hummingbird server.",
            enabledTraits: ["Sessions", "ServiceLifecycle", "Logging", "Metrics"]),
    ],
    dependencies: [
        // Only for the command `ttl`, which is no declared product: a program that embeds the library never fetches it.
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-crypto", "3.12.0"..<"5.0.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0", traits: []),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
    ],
    targets: [
        .systemLibrary(
            name: "CTTLSQLite", pkgConfig: "sqlite3",
            providers: [.apt(["libsqlite3-dev"]), .yum(["sqlite-devel"]), .brew(["sqlite"])]),
        .target(
            name: "TTLStoreMigrations", path: "Migrations",
            resources: [.embedInCode("M0001_entries.sql"), .embedInCode("M0002_sessions.sql")], swiftSettings: strict),
        .target(
            name: "TTLStore",
            dependencies: ["CTTLSQLite", "TTLStoreMigrations"] + integrations,
            swiftSettings: strict),
        .target(name: "TTLStoreTesting", dependencies: ["TTLStore"], swiftSettings: strict),
        // Empty without their traits.
        .target(name: "TTLSessions", dependencies: ["TTLStore", crypto], swiftSettings: strict),
        .target(
            name: "TTLSessionsTesting", dependencies: ["TTLSessions", "TTLStore", "TTLStoreTesting"],
            swiftSettings: strict),
        .target(
            name: "TTLHummingbird", dependencies: ["TTLSessions", "TTLStore"] + hummingbird + integrations,
            swiftSettings: strict),
        .target(name: "CTTLProcess"),
        .executableTarget(
            name: "ttl",
            dependencies: [
                "CTTLProcess", "TTLStore", .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict),
        // Not in Benchmarks/Package.swift: Hummingbird is built for this package anyway.
        .executableTarget(
            name: "session-benchmarks",
            dependencies: ["TTLHummingbird", "TTLSessions", "TTLStore", "TTLStoreTesting"] + hummingbird + integrations,
            path: "Benchmarks/Sessions", swiftSettings: strict),
        .target(
            name: "TTLTestSupport", dependencies: ["TTLStore", "TTLStoreTesting"], path: "Tests/TTLTestSupport",
            swiftSettings: strict),
        .target(name: "CTTLTestFaults", dependencies: ["CTTLSQLite"], path: "Tests/CTTLTestFaults"),
        .executableTarget(
            name: "TTLTestProcess", dependencies: ["TTLStore", "TTLTestSupport", "CTTLSQLite", "CTTLTestFaults"],
            path: "Tests/TTLTestProcess", swiftSettings: strict),
        .testTarget(
            name: "TTLStoreTests",
            dependencies: [
                "TTLStore", "TTLStoreTesting", "TTLTestSupport", "TTLTestProcess", "CTTLSQLite", "CTTLTestFaults",
                "TTLStoreMigrations",
                .product(name: "InMemoryLogging", package: "swift-log", condition: .when(traits: ["Logging"])),
                .product(name: "MetricsTestKit", package: "swift-metrics", condition: .when(traits: ["Metrics"])),
            ] + integrations,
            swiftSettings: strict),
        .testTarget(
            name: "TTLSessionsTests",
            dependencies: [
                "TTLSessions", "TTLSessionsTesting", "TTLStore", "TTLStoreTesting", "TTLTestSupport", "TTLTestProcess",
            ],
            swiftSettings: strict),
        .testTarget(
            name: "TTLHummingbirdTests",
            dependencies: [
                "TTLHummingbird", "TTLSessions", "TTLStore", "TTLStoreTesting", "TTLTestSupport",
                .product(name: "NIOEmbedded", package: "swift-nio", condition: .when(traits: ["Hummingbird"])),
                .product(name: "HTTPTypes", package: "swift-http-types", condition: .when(traits: ["Hummingbird"])),
                .product(name: "InMemoryLogging", package: "swift-log", condition: .when(traits: ["Logging"])),
                .product(name: "MetricsTestKit", package: "swift-metrics", condition: .when(traits: ["Metrics"])),
            ] + hummingbird + integrations,
            swiftSettings: strict),
        .testTarget(
            name: "TTLCommandTests",
            dependencies: [
                "ttl", "TTLStore", "TTLTestSupport", .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ], swiftSettings: strict),
    ]
)
