// The loops that the store is measured against, as one writes them by hand over SQLite.
//
// Every function returns an SQLite result code. The statements come from the caller, so that all contestants run the
// same text; their parameters are ?1 key, ?2 now, ?3 expires_at and ?4 value.
#ifndef CTTL_BENCHMARK_LOOPS_H
#define CTTL_BENCHMARK_LOOPS_H

#include <stdint.h>

// MARK: What all contestants share

enum { TTL_BENCH_KEY_LENGTH = 24, TTL_BENCH_VALUE_LENGTH = 200 };

/// Writes the key with that number, 24 bytes and a NUL. Consecutive numbers give keys in no order.
void ttl_bench_key(char *key, uint64_t number);

/// Writes the value of every row, 200 bytes of JSON and a NUL.
void ttl_bench_value(char *value);

/// Milliseconds since 1970, and nanoseconds on the monotonic clock.
int64_t ttl_bench_wall(void);
int64_t ttl_bench_steady(void);

/// Runs a script on a file, which is created if it is missing.
int ttl_bench_execute(const char *path, const char *script);

/// How the rows of a new file expire.
typedef struct {
    int64_t first;   // the number of the first key
    int64_t count;
    int64_t expiry;  // of the first row, or the earliest
    int64_t step;    // from row to row; 0 with a range
    int64_t range;   // a random expiry in as many milliseconds after `expiry`
} ttl_bench_rows;

/// Adds rows in one transaction that no power loss is to survive, and leaves no log behind.
int ttl_bench_fill(const char *path, ttl_bench_rows rows);

// MARK: The contestant

typedef struct ttl_bench_store ttl_bench_store;

/// Opens the file without SQLite's mutexes, applies the settings and prepares the statements, as an expert would.
int ttl_bench_open(
    const char *path, const char *settings, const char *get, const char *set, ttl_bench_store **store);
int ttl_bench_close(ttl_bench_store *store);

/// Switches the triggers of the schema off, which are there for people at a shell, as the store does. `connection` is an
/// `sqlite3 *`.
int ttl_bench_disable_triggers(void *connection);

/// Reads the values of `count` keys, each copied out. `keys` holds them one after another, NUL included; `order` picks
/// from them. Adds up the bytes.
int ttl_bench_get(
    ttl_bench_store *store, const char *keys, const uint32_t *order, int64_t count, int64_t *bytes);

/// Writes `count` keys, one commit each. `nanoseconds`, if not NULL, receives how long each call took.
int ttl_bench_set(
    ttl_bench_store *store, const char *keys, const uint32_t *order, int64_t count, int64_t time_to_live,
    const char *value, int64_t *nanoseconds);

/// Deletes all that has expired in one statement.
int ttl_bench_purge(ttl_bench_store *store, int64_t *count);

// MARK: The other process

/// Begin and length of one write, in nanoseconds.
typedef struct {
    int64_t begun;
    int64_t took;
} ttl_bench_write;

/// A program that knows nothing of the store: writes a row, with SQLite's plain busy timeout and its automatic
/// checkpoints, waits for two milliseconds, and so on until its standard input ends. Announces its first write with one
/// byte on its standard output, and then writes the array of all there.
int ttl_bench_other_process(const char *path, const char *settings, const char *set);

#endif
