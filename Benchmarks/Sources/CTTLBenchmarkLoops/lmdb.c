#include "CTTLBenchmarkLoops.h"

#ifdef TTL_BENCH_LMDB

#include <lmdb.h>
#include <stdlib.h>
#include <string.h>

struct ttl_bench_lmdb {
    MDB_env *env;
    MDB_dbi table;
    MDB_txn *reading;
};

bool ttl_bench_has_lmdb(void) { return true; }

static MDB_val key_at(const char *keys, size_t number) {
    return (MDB_val){TTL_BENCH_KEY_LENGTH, (void *)(keys + number * (TTL_BENCH_KEY_LENGTH + 1))};
}

static int fill(ttl_bench_lmdb *store, const char *keys, int64_t count) {
    char value[TTL_BENCH_VALUE_LENGTH + 1];
    ttl_bench_value(value);
    MDB_val data = {TTL_BENCH_VALUE_LENGTH, value};
    MDB_txn *writing = NULL;
    int code = mdb_txn_begin(store->env, NULL, 0, &writing);
    if (code != 0) return code;
    code = mdb_dbi_open(writing, NULL, 0, &store->table);
    for (int64_t i = 0; code == 0 && i < count; i++) {
        MDB_val key = key_at(keys, (size_t)i);
        code = mdb_put(writing, store->table, &key, &data, 0);
    }
    if (code == 0) return mdb_txn_commit(writing);
    mdb_txn_abort(writing);
    return code;
}

int ttl_bench_lmdb_make(const char *path, const char *keys, int64_t count, ttl_bench_lmdb **made) {
    ttl_bench_lmdb *store = calloc(1, sizeof *store);
    if (!store) return MDB_PANIC;
    int code = mdb_env_create(&store->env);
    if (code == 0) code = mdb_env_set_mapsize(store->env, (size_t)1 << 30);
    if (code == 0) code = mdb_env_open(store->env, path, MDB_NOSUBDIR, 0600);
    if (code == 0) code = fill(store, keys, count);
    if (code == 0) code = mdb_txn_begin(store->env, NULL, MDB_RDONLY, &store->reading);
    if (code == 0) *made = store; else ttl_bench_lmdb_close(store);
    return code;
}

int ttl_bench_lmdb_get(
    ttl_bench_lmdb *store, const char *keys, const uint32_t *order, int64_t count, int64_t *bytes) {
    char copy[TTL_BENCH_VALUE_LENGTH];
    for (int64_t i = 0; i < count; i++) {
        mdb_txn_reset(store->reading);
        int code = mdb_txn_renew(store->reading);
        MDB_val key = key_at(keys, order[i]), data;
        if (code == 0) code = mdb_get(store->reading, store->table, &key, &data);
        if (code != 0) return code;
        size_t length = data.mv_size < sizeof copy ? data.mv_size : sizeof copy;
        memcpy(copy, data.mv_data, length);
        *bytes += (int64_t)length;
        // So that the copy counts as used.
        __asm__ volatile("" : : "r"(copy) : "memory");
    }
    return 0;
}

void ttl_bench_lmdb_close(ttl_bench_lmdb *store) {
    if (store->reading) mdb_txn_abort(store->reading);
    if (store->env) mdb_env_close(store->env);
    free(store);
}

#else

bool ttl_bench_has_lmdb(void) { return false; }

int ttl_bench_lmdb_make(const char *path, const char *keys, int64_t count, ttl_bench_lmdb **made) {
    (void)path, (void)keys, (void)count, (void)made;
    return -1;
}

int ttl_bench_lmdb_get(
    ttl_bench_lmdb *store, const char *keys, const uint32_t *order, int64_t count, int64_t *bytes) {
    (void)store, (void)keys, (void)order, (void)count, (void)bytes;
    return -1;
}

void ttl_bench_lmdb_close(ttl_bench_lmdb *store) { (void)store; }

#endif
