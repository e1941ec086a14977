#include "store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static int64_t clock_in(clockid_t clock, int64_t per_second) {
    struct timespec time;
    clock_gettime(clock, &time);
    return (int64_t)time.tv_sec * per_second + time.tv_nsec / (1000000000 / per_second);
}

int64_t ttl_bench_wall(void) { return clock_in(CLOCK_REALTIME, 1000); }

int64_t ttl_bench_steady(void) { return clock_in(CLOCK_MONOTONIC, 1000000000); }

// The splitmix64 sequence, by Sebastiano Vigna, public domain.
static uint64_t scrambled(uint64_t number) {
    uint64_t z = (number + 1) * 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

void ttl_bench_key(char *key, uint64_t number) {
    snprintf(key, TTL_BENCH_KEY_LENGTH + 1, "session:%016llx", (unsigned long long)scrambled(number));
}

void ttl_bench_value(char *value) {
    static const char head[] = "{\"user\":\"alice\",\"roles\":[\"reader\",\"writer\"],\"note\":\"";
    memset(value, 'n', TTL_BENCH_VALUE_LENGTH);
    memcpy(value, head, sizeof head - 1);
    memcpy(value + TTL_BENCH_VALUE_LENGTH - 2, "\"}", 3);
}

int ttl_bench_execute(const char *path, const char *script) {
    sqlite3 *db = NULL;
    int code = sqlite3_open(path, &db);
    if (code == SQLITE_OK) code = sqlite3_exec(db, script, NULL, NULL, NULL);
    sqlite3_close(db);
    return code;
}

static int fill(sqlite3 *db, ttl_bench_rows rows) {
    sqlite3_stmt *insert = NULL;
    int code = sqlite3_prepare_v2(
        db, "INSERT INTO entries (key, value, expires_at) VALUES (?1, ?2, ?3)", -1, &insert, NULL);
    char key[TTL_BENCH_KEY_LENGTH + 1], value[TTL_BENCH_VALUE_LENGTH + 1];
    ttl_bench_value(value);
    for (int64_t i = 0; i < rows.count && code == SQLITE_OK; i++) {
        ttl_bench_key(key, (uint64_t)(rows.first + i));
        int64_t expiry = rows.expiry + i * rows.step;
        if (rows.range > 0) expiry += (int64_t)(scrambled(~(uint64_t)i) % (uint64_t)rows.range);
        sqlite3_bind_text(insert, 1, key, TTL_BENCH_KEY_LENGTH, SQLITE_STATIC);
        if (rows.integers)
            sqlite3_bind_int64(insert, 2, 0);
        else
            sqlite3_bind_text(insert, 2, value, TTL_BENCH_VALUE_LENGTH, SQLITE_STATIC);
        sqlite3_bind_int64(insert, 3, expiry);
        code = ttl_bench_run(insert);
    }
    sqlite3_finalize(insert);
    return code;
}

int ttl_bench_fill(const char *path, ttl_bench_rows rows) {
    sqlite3 *db = NULL;
    int code = sqlite3_open(path, &db);
    if (code == SQLITE_OK)
        code = sqlite3_exec(
            db, "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -400000; BEGIN IMMEDIATE",
            NULL, NULL, NULL);
    if (code == SQLITE_OK) code = fill(db, rows);
    if (code == SQLITE_OK) code = sqlite3_exec(db, "COMMIT; PRAGMA journal_mode = WAL", NULL, NULL, NULL);
    sqlite3_close(db);
    return code;
}

int ttl_bench_open(
    const char *path, const char *settings, const char *get, const char *set, ttl_bench_store **store) {
    ttl_bench_store *opened = calloc(1, sizeof *opened);
    if (!opened) return SQLITE_NOMEM;
    int code = sqlite3_open_v2(
        path, &opened->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);
    if (code == SQLITE_OK) code = sqlite3_busy_timeout(opened->db, 5000);
    if (code == SQLITE_OK) code = sqlite3_exec(opened->db, settings, NULL, NULL, NULL);
    if (code == SQLITE_OK) code = ttl_bench_disable_triggers(opened->db);
    if (code == SQLITE_OK && get)
        code = sqlite3_prepare_v3(opened->db, get, -1, SQLITE_PREPARE_PERSISTENT, &opened->get, NULL);
    if (code == SQLITE_OK && set)
        code = sqlite3_prepare_v3(opened->db, set, -1, SQLITE_PREPARE_PERSISTENT, &opened->set, NULL);
    if (code != SQLITE_OK) {
        ttl_bench_close(opened);
        return code;
    }
    *store = opened;
    return SQLITE_OK;
}

int ttl_bench_close(ttl_bench_store *store) {
    sqlite3_finalize(store->get);
    sqlite3_finalize(store->set);
    sqlite3_finalize(store->begin);
    sqlite3_finalize(store->commit);
    sqlite3_finalize(store->read);
    sqlite3_finalize(store->write);
    int code = sqlite3_close(store->db);
    free(store);
    return code;
}

int ttl_bench_disable_triggers(void *connection) {
    return sqlite3_db_config((sqlite3 *)connection, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, (int *)0);
}
