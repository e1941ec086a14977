#include "store.h"

#include <pthread.h>

/// What the loop and the thread that copies the log share.
typedef struct {
    sqlite3 *db;               // of the thread
    int limit;                 // of the log, in frames; 0 for none
    pthread_mutex_t copying;   // held during a checkpoint
    pthread_mutex_t lock;      // guards what follows
    pthread_cond_t changed;
    int frames;                // of the log, after the last commit
    int copied;                // how many of them the last checkpoint found copied
    bool is_over;
    int code;                  // of the checkpoint that failed
} log_copier;

static bool is_due(const log_copier *copier) { return copier->frames - copier->copied >= TTL_BENCH_LONG_LOG; }

/// Without the lock.
static int copy_log(log_copier *copier, sqlite3 *db) {
    int frames = 0, copied = 0;
    pthread_mutex_lock(&copier->copying);
    int code = sqlite3_wal_checkpoint_v2(db, "main", SQLITE_CHECKPOINT_PASSIVE, &frames, &copied);
    pthread_mutex_lock(&copier->lock);
    if (code == SQLITE_OK) copier->copied = copied;
    pthread_mutex_unlock(&copier->lock);
    pthread_mutex_unlock(&copier->copying);
    // Busy where it came upon a commit that was writing the index. The next try follows.
    return code == SQLITE_BUSY ? SQLITE_OK : code;
}

/// Called by SQLite after each commit, with nothing locked.
static int note_commit(void *context, sqlite3 *db, const char *name, int frames) {
    (void)name;
    log_copier *copier = context;
    pthread_mutex_lock(&copier->lock);
    // The commit has begun the log anew.
    if (frames < copier->frames) copier->copied = 0;
    copier->frames = frames;
    if (is_due(copier)) pthread_cond_signal(&copier->changed);
    pthread_mutex_unlock(&copier->lock);
    // Nobody commits meanwhile, so all of the log is copied, and the next commit begins it anew.
    return copier->limit > 0 && frames >= copier->limit ? copy_log(copier, db) : SQLITE_OK;
}

static void *copy_until_over(void *context) {
    log_copier *copier = context;
    pthread_mutex_lock(&copier->lock);
    while (copier->code == SQLITE_OK) {
        while (!copier->is_over && !is_due(copier)) pthread_cond_wait(&copier->changed, &copier->lock);
        if (copier->is_over) break;
        pthread_mutex_unlock(&copier->lock);
        int code = copy_log(copier, copier->db);
        pthread_mutex_lock(&copier->lock);
        copier->code = code;
    }
    pthread_mutex_unlock(&copier->lock);
    return NULL;
}

static int set_groups(
    ttl_bench_store *store, const char *keys, const uint32_t *order, int64_t count, int64_t size,
    int64_t time_to_live, const char *value) {
    int code = SQLITE_OK;
    for (int64_t i = 0; i < count && code == SQLITE_OK; i += size)
        code = ttl_bench_set_batch(store, keys, order + i, size < count - i ? size : count - i, time_to_live, value);
    return code;
}

int ttl_bench_set_groups(
    ttl_bench_store *store, ttl_bench_store *other, int limit, const char *keys, const uint32_t *order,
    int64_t count, int64_t size, int64_t time_to_live, const char *value, int64_t *nanoseconds) {
    log_copier copier = {
        .db = other->db, .limit = limit, .copying = PTHREAD_MUTEX_INITIALIZER, .lock = PTHREAD_MUTEX_INITIALIZER,
        .changed = PTHREAD_COND_INITIALIZER};
    pthread_t thread;
    if (pthread_create(&thread, NULL, copy_until_over, &copier) != 0) return SQLITE_NOMEM;
    sqlite3_wal_hook(store->db, note_commit, &copier);
    int64_t begun = ttl_bench_steady();
    int code = set_groups(store, keys, order, count, size, time_to_live, value);
    *nanoseconds = ttl_bench_steady() - begun;
    sqlite3_wal_hook(store->db, NULL, NULL);
    pthread_mutex_lock(&copier.lock);
    copier.is_over = true;
    pthread_cond_signal(&copier.changed);
    pthread_mutex_unlock(&copier.lock);
    pthread_join(thread, NULL);
    return code != SQLITE_OK ? code : copier.code;
}
