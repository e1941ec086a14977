// The other process in tests about processes. Each command prints a line whenever the test may go on.
import TTLStore

print("unknown command")
