// The loops that the store is measured against, as one writes them by hand over SQLite.
//
// Every function returns an SQLite result code. The statements come from the caller, so that all contestants run the
// same text; their parameters are ?1 key, ?2 now, ?3 expires_at, ?4 value, ?5 tag, which stays NULL, and ?6 revision.
#ifndef CTTL_BENCHMARK_LOOPS_H
#define CTTL_BENCHMARK_LOOPS_H

#include <stdbool.h>
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
    bool integers;   // the values are 0, not text
} ttl_bench_rows;

/// Adds rows in one transaction that no power loss is to survive, and leaves no log behind.
int ttl_bench_fill(const char *path, ttl_bench_rows rows);

// MARK: The contestant

typedef struct ttl_bench_store ttl_bench_store;

/// Opens the file without SQLite's mutexes, applies the settings and prepares the statements, as an expert would.
int ttl_bench_open(
    const char *path, const char *settings, const char *get, const char *set, ttl_bench_store **store);
int ttl_bench_close(ttl_bench_store *store);

/// Switches the triggers of the schema off, which are there for people at a shell, as the store does. `connection` is
/// an `sqlite3 *`.
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

// MARK: Changes, in IMMEDIATE transactions as the store has them

/// What is done with an existing row.
typedef enum {
    TTL_BENCH_TAKE,             // read the text, delete the row
    TTL_BENCH_INCREMENT,        // read the integer, write one more
    TTL_BENCH_COMPARE_AND_SET,  // write the value if the revision is the one that is known
    TTL_BENCH_TOUCH,            // write the expiry
} ttl_bench_change;

/// Prepares BEGIN and COMMIT, and the statements of a change; either may be NULL.
int ttl_bench_prepare(ttl_bench_store *store, const char *read, const char *write);

/// Changes the rows of `count` keys, one transaction each. `nanoseconds` receives how long each took; `revisions`,
/// which may be NULL, holds those that a compare-and-set expects. SQLITE_NOTFOUND if a row is not as expected.
int ttl_bench_change_all(
    ttl_bench_store *store, ttl_bench_change change, const char *keys, const uint32_t *order, int64_t count,
    int64_t time_to_live, const char *value, const int64_t *revisions, int64_t *nanoseconds);

/// Reads an integer of each of `count` keys, by the statement that reads.
int ttl_bench_integers(
    ttl_bench_store *store, const char *keys, const uint32_t *order, int64_t count, int64_t *integers);

/// Writes `count` keys in one transaction.
int ttl_bench_set_batch(
    ttl_bench_store *store, const char *keys, const uint32_t *order, int64_t count, int64_t time_to_live,
    const char *value);

// MARK: Shared commits

/// How many new frames in the log make its thread copy it, as in the store.
enum { TTL_BENCH_LONG_LOG = 1000 };

/// Writes `count` keys, `size` in each transaction, while a thread copies the log on the connection of `other`. Both
/// stores are prepared, and have no automatic checkpoints. The thread does not get to the end of a log that is written
/// all the time, so SQLite never begins it anew. From `limit` frames on, unless that is 0, the writer copies the rest
/// itself. `nanoseconds` receives the time until the last commit.
int ttl_bench_set_groups(
    ttl_bench_store *store, ttl_bench_store *other, int limit, const char *keys, const uint32_t *order,
    int64_t count, int64_t size, int64_t time_to_live, const char *value, int64_t *nanoseconds);

// MARK: LMDB

/// Whether these loops were compiled with LMDB. Without it the others return -1.
bool ttl_bench_has_lmdb(void);

typedef struct ttl_bench_lmdb ttl_bench_lmdb;

/// Makes a file with the value of every row under `count` keys, and opens it. Returns an error code of LMDB's.
int ttl_bench_lmdb_make(const char *path, const char *keys, int64_t count, ttl_bench_lmdb **store);

/// As `ttl_bench_get`, each read in a transaction that is renewed for it.
int ttl_bench_lmdb_get(
    ttl_bench_lmdb *store, const char *keys, const uint32_t *order, int64_t count, int64_t *bytes);
void ttl_bench_lmdb_close(ttl_bench_lmdb *store);

// MARK: The other process

/// Begin and length of one write, in nanoseconds.
typedef struct {
    int64_t begun;
    int64_t took;
} ttl_bench_write;

/// A program that knows nothing of the store: writes a row, with SQLite's plain busy timeout and its automatic
/// checkpoints, waits for `pause` milliseconds, and so on until its standard input ends. Announces its first write with
/// one byte on its standard output, and then writes the array of all there.
int ttl_bench_other_process(const char *path, const char *settings, const char *set, int pause);

/// A program that takes the write lock, announces it with one byte on its standard output, and keeps it until its
/// standard input ends.
int ttl_bench_hold_lock(const char *path, const char *settings);

#endif
