#include "store.h"

#include <string.h>

size_t ttl_bench_copy_text(sqlite3_stmt *row, char *copy) {
    if (sqlite3_column_type(row, 0) != SQLITE_TEXT) return 0;
    const void *text = sqlite3_column_blob(row, 0);
    size_t length = (size_t)sqlite3_column_bytes(row, 0);
    if (length > TTL_BENCH_VALUE_LENGTH) length = TTL_BENCH_VALUE_LENGTH;
    memcpy(copy, text, length);
    return length;
}

int ttl_bench_run(sqlite3_stmt *statement) {
    sqlite3_step(statement);
    return sqlite3_reset(statement);
}

int ttl_bench_get(
    ttl_bench_store *store, const char *keys, const uint32_t *order, int64_t count, int64_t *bytes) {
    sqlite3_stmt *get = store->get;
    char copy[TTL_BENCH_VALUE_LENGTH + 1];
    for (int64_t i = 0; i < count; i++) {
        const char *key = keys + (size_t)order[i] * (TTL_BENCH_KEY_LENGTH + 1);
        sqlite3_bind_text(get, 1, key, TTL_BENCH_KEY_LENGTH, SQLITE_STATIC);
        sqlite3_bind_int64(get, 2, ttl_bench_wall());
        if (sqlite3_step(get) == SQLITE_ROW) *bytes += (int64_t)ttl_bench_copy_text(get, copy);
        int code = sqlite3_reset(get);
        if (code != SQLITE_OK) return code;
    }
    // So that the copies count as used.
    __asm__ volatile("" : : "r"(copy) : "memory");
    return SQLITE_OK;
}

int ttl_bench_set_one(
    ttl_bench_store *store, const char *key, int64_t now, int64_t time_to_live, const char *value) {
    sqlite3_bind_text(store->set, 1, key, TTL_BENCH_KEY_LENGTH, SQLITE_STATIC);
    sqlite3_bind_int64(store->set, 2, now);
    sqlite3_bind_int64(store->set, 3, now + time_to_live);
    sqlite3_bind_text(store->set, 4, value, TTL_BENCH_VALUE_LENGTH, SQLITE_STATIC);
    return ttl_bench_run(store->set);
}

int ttl_bench_set(
    ttl_bench_store *store, const char *keys, const uint32_t *order, int64_t count, int64_t time_to_live,
    const char *value, int64_t *nanoseconds) {
    for (int64_t i = 0; i < count; i++) {
        int64_t begun = nanoseconds ? ttl_bench_steady() : 0;
        const char *key = keys + (size_t)order[i] * (TTL_BENCH_KEY_LENGTH + 1);
        int code = ttl_bench_set_one(store, key, ttl_bench_wall(), time_to_live, value);
        if (code != SQLITE_OK) return code;
        if (nanoseconds) nanoseconds[i] = ttl_bench_steady() - begun;
    }
    return SQLITE_OK;
}

int ttl_bench_purge(ttl_bench_store *store, int64_t *count) {
    sqlite3_stmt *purge = NULL;
    int code = sqlite3_prepare_v2(store->db, "DELETE FROM entries WHERE expires_at <= ?1", -1, &purge, NULL);
    if (code != SQLITE_OK) return code;
    sqlite3_bind_int64(purge, 1, ttl_bench_wall());
    sqlite3_step(purge);
    code = sqlite3_finalize(purge);
    *count = sqlite3_changes64(store->db);
    return code;
}
