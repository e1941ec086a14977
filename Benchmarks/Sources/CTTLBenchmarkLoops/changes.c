#include "store.h"

int ttl_bench_prepare(ttl_bench_store *store, const char *read, const char *write) {
    const struct {
        const char *text;
        sqlite3_stmt **statement;
    } all[] = {
        {"BEGIN IMMEDIATE", &store->begin}, {"COMMIT", &store->commit}, {read, &store->read}, {write, &store->write}};
    int code = SQLITE_OK;
    for (size_t i = 0; i < sizeof all / sizeof *all && code == SQLITE_OK; i++)
        if (all[i].text)
            code = sqlite3_prepare_v3(
                store->db, all[i].text, -1, SQLITE_PREPARE_PERSISTENT, all[i].statement, NULL);
    return code;
}

static const char *key_at(const char *keys, const uint32_t *order, int64_t place) {
    return keys + (size_t)order[place] * (TTL_BENCH_KEY_LENGTH + 1);
}

static void bind_key(sqlite3_stmt *statement, const char *key, int64_t now) {
    sqlite3_bind_text(statement, 1, key, TTL_BENCH_KEY_LENGTH, SQLITE_STATIC);
    sqlite3_bind_int64(statement, 2, now);
}

static int read_text(sqlite3_stmt *read, const char *key, int64_t now) {
    char copy[TTL_BENCH_VALUE_LENGTH + 1];
    bind_key(read, key, now);
    size_t length = sqlite3_step(read) == SQLITE_ROW ? ttl_bench_copy_text(read, copy) : 0;
    // So that the copy counts as used.
    __asm__ volatile("" : : "r"(copy) : "memory");
    int code = sqlite3_reset(read);
    return code == SQLITE_OK && length == 0 ? SQLITE_NOTFOUND : code;
}

static int read_integer(sqlite3_stmt *read, const char *key, int64_t now, int64_t *integer) {
    bind_key(read, key, now);
    bool is_integer = sqlite3_step(read) == SQLITE_ROW && sqlite3_column_type(read, 0) == SQLITE_INTEGER;
    if (is_integer) *integer = sqlite3_column_int64(read, 0);
    int code = sqlite3_reset(read);
    return code == SQLITE_OK && !is_integer ? SQLITE_NOTFOUND : code;
}

int ttl_bench_integers(
    ttl_bench_store *store, const char *keys, const uint32_t *order, int64_t count, int64_t *integers) {
    int code = SQLITE_OK;
    for (int64_t i = 0; i < count && code == SQLITE_OK; i++)
        code = read_integer(store->read, key_at(keys, order, i), ttl_bench_wall(), &integers[i]);
    return code;
}

/// What a change knows of its row.
typedef struct {
    const char *key;
    int64_t now;
    int64_t expiry;
    const char *value;
    int64_t revision;
} known_row;

static int change_row(ttl_bench_store *store, ttl_bench_change change, const known_row *row) {
    sqlite3_stmt *write = store->write;
    int64_t integer = 0;
    int code = SQLITE_OK;
    if (change == TTL_BENCH_TAKE) code = read_text(store->read, row->key, row->now);
    if (change == TTL_BENCH_INCREMENT) code = read_integer(store->read, row->key, row->now, &integer);
    if (code != SQLITE_OK) return code;
    bind_key(write, row->key, row->now);
    switch (change) {
    case TTL_BENCH_TAKE: break;
    case TTL_BENCH_INCREMENT: sqlite3_bind_int64(write, 4, integer + 1); break;
    case TTL_BENCH_COMPARE_AND_SET:
        sqlite3_bind_int64(write, 3, row->expiry);
        sqlite3_bind_text(write, 4, row->value, TTL_BENCH_VALUE_LENGTH, SQLITE_STATIC);
        sqlite3_bind_int64(write, 6, row->revision);
        break;
    case TTL_BENCH_TOUCH: sqlite3_bind_int64(write, 3, row->expiry); break;
    }
    code = ttl_bench_run(write);
    return code == SQLITE_OK && sqlite3_changes(store->db) != 1 ? SQLITE_NOTFOUND : code;
}

int ttl_bench_change_all(
    ttl_bench_store *store, ttl_bench_change change, const char *keys, const uint32_t *order, int64_t count,
    int64_t time_to_live, const char *value, const int64_t *revisions, int64_t *nanoseconds) {
    for (int64_t i = 0; i < count; i++) {
        int64_t begun = ttl_bench_steady();
        int64_t now = ttl_bench_wall();
        known_row row = {key_at(keys, order, i), now, now + time_to_live, value, revisions ? revisions[i] : 0};
        int code = ttl_bench_run(store->begin);
        if (code == SQLITE_OK) code = change_row(store, change, &row);
        if (code == SQLITE_OK) code = ttl_bench_run(store->commit);
        // Closing rolls back.
        if (code != SQLITE_OK) return code;
        nanoseconds[i] = ttl_bench_steady() - begun;
    }
    return SQLITE_OK;
}

int ttl_bench_set_batch(
    ttl_bench_store *store, const char *keys, const uint32_t *order, int64_t count, int64_t time_to_live,
    const char *value) {
    int64_t now = ttl_bench_wall();
    int code = ttl_bench_run(store->begin);
    for (int64_t i = 0; i < count && code == SQLITE_OK; i++)
        code = ttl_bench_set_one(store, key_at(keys, order, i), now, time_to_live, value);
    return code == SQLITE_OK ? ttl_bench_run(store->commit) : code;
}
