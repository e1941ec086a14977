/// Short names for use inside the library. The public types are nested in `TTLStore`, since a program may have its own
/// `Value`.
typealias Value = TTLStore.Value
typealias Expiry = TTLStore.Expiry
typealias SetCondition = TTLStore.SetCondition
typealias RemoveCondition = TTLStore.RemoveCondition
typealias BatchCondition = TTLStore.BatchCondition
typealias TouchCondition = TTLStore.TouchCondition
typealias RenameCondition = TTLStore.RenameCondition
typealias RenameOutcome = TTLStore.RenameOutcome
typealias SetOutcome = TTLStore.SetOutcome
typealias TouchOutcome = TTLStore.TouchOutcome
typealias PersistOutcome = TTLStore.PersistOutcome
typealias ExchangeOutcome = TTLStore.ExchangeOutcome
typealias WallClock = TTLStore.WallClock
typealias ComputeOptions = TTLStore.ComputeOptions
