import TTLStore
let store = try TTLStore(path: CommandLine.arguments[1])
try store.set("a", "b", expiring: .after(.seconds(1)))
print(try store.get("a") ?? "nil", try store.statistics())
store.close()
