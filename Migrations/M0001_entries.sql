-- Schema 1 of a TTLStore file. Runs in the shell as well: sqlite3 new.db < M0001_entries.sql
-- These settings hold from the first page on, so they come before anything else.
PRAGMA page_size = 4096;
PRAGMA auto_vacuum = INCREMENTAL;
BEGIN IMMEDIATE;

CREATE TABLE entries (
    -- Times are integer milliseconds since 1970-01-01T00:00:00Z.
    -- An entry is live as long as now < expires_at; NULL means that it never expires.
    -- For everyday use there are two views: live, which can be edited, and expired.
    id         INTEGER PRIMARY KEY,
    key        TEXT NOT NULL,
    value      NOT NULL, -- TEXT (also JSON), BLOB or INTEGER, kept as given
    expires_at INTEGER,
    created_at INTEGER NOT NULL DEFAULT (CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)),
    updated_at INTEGER NOT NULL DEFAULT (CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)),
    -- Grows by one with every write to key, value or tag. It starts at random, so that a row that was deleted and
    -- made anew never shows a revision that somebody remembers.
    revision   INTEGER NOT NULL DEFAULT (random() & 281474976710655),
    tag        TEXT,
    CONSTRAINT "key is unique" UNIQUE (key),
    CONSTRAINT "key is text of 1 to 1024 bytes"
        CHECK (typeof(key) = 'text' AND length(CAST(key AS BLOB)) BETWEEN 1 AND 1024),
    CONSTRAINT "value is text, a blob or an integer"
        CHECK (typeof(value) <> 'real'), -- as good as IN ('text', 'blob', 'integer'), and a sixth faster to write
    CONSTRAINT "expires_at is in milliseconds since 1970 (not seconds), before the year 10000, or NULL"
        CHECK (expires_at IS NULL
            OR (typeof(expires_at) = 'integer' AND expires_at BETWEEN 100000000000 AND 253402300799999)),
    CONSTRAINT "created_at is in milliseconds since 1970 (not seconds), before the year 10000"
        CHECK (typeof(created_at) = 'integer' AND created_at BETWEEN 100000000000 AND 253402300799999),
    CONSTRAINT "updated_at is in milliseconds since 1970 (not seconds), before the year 10000"
        CHECK (typeof(updated_at) = 'integer' AND updated_at BETWEEN 100000000000 AND 253402300799999),
    CONSTRAINT "revision is an integer of 0 or more"
        CHECK (typeof(revision) = 'integer' AND revision >= 0),
    CONSTRAINT "tag is text of 1 to 1024 bytes, or NULL"
        CHECK (tag IS NULL OR (typeof(tag) = 'text' AND length(CAST(tag AS BLOB)) BETWEEN 1 AND 1024))
);

-- What expires next; entries that never expire are not in it.
CREATE INDEX entries_by_expiry ON entries (expires_at) WHERE expires_at IS NOT NULL;
CREATE INDEX entries_by_tag ON entries (tag, key) WHERE tag IS NOT NULL;

-- An edit in the shell counts as a write. The library counts its own.
CREATE TRIGGER entries_count_edits AFTER UPDATE OF key, value, tag ON entries
WHEN NEW.revision = OLD.revision
BEGIN
    UPDATE entries
    SET revision = OLD.revision + 1,
        updated_at = CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)
    WHERE id = NEW.id;
END;

-- The entries that the program sees. INSERT, UPDATE and DELETE work on it:
--   INSERT INTO live (key, value, ttl) VALUES ('motd', 'hello', 300);
--   UPDATE live SET ttl = 60 WHERE key = 'motd';
CREATE VIEW live AS
SELECT
    key,
    value,
    round((expires_at - (julianday('now') - 2440587.5) * 86400000) / 1000, 3) AS ttl, -- seconds left, NULL = never
    strftime('%Y-%m-%dT%H:%M:%fZ', expires_at / 1000.0, 'unixepoch') AS expires_at,   -- ISO 8601, UTC
    tag,
    strftime('%Y-%m-%dT%H:%M:%fZ', created_at / 1000.0, 'unixepoch') AS created_at,
    strftime('%Y-%m-%dT%H:%M:%fZ', updated_at / 1000.0, 'unixepoch') AS updated_at,
    revision
FROM entries
WHERE expires_at IS NULL
    OR expires_at > CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER);

-- The entries that are due and not yet deleted. The program does not see them.
CREATE VIEW expired AS
SELECT
    key,
    value,
    round(((julianday('now') - 2440587.5) * 86400000 - expires_at) / 1000, 3) AS overdue, -- seconds
    strftime('%Y-%m-%dT%H:%M:%fZ', expires_at / 1000.0, 'unixepoch') AS expires_at,
    tag
FROM entries
WHERE expires_at <= CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER);

CREATE TRIGGER live_insert INSTEAD OF INSERT ON live
BEGIN
    SELECT RAISE(ABORT, 'ttl is a number of seconds greater than 0, or NULL for never')
    WHERE NEW.ttl IS NOT NULL AND (typeof(NEW.ttl) NOT IN ('integer', 'real') OR NEW.ttl <= 0);
    SELECT RAISE(ABORT, 'give ttl or expires_at, not both')
    WHERE NEW.ttl IS NOT NULL AND NEW.expires_at IS NOT NULL;
    SELECT RAISE(ABORT, 'expires_at is a time to come as ISO 8601 text in UTC, like 2027-01-01T00:00:00Z')
    WHERE NEW.expires_at IS NOT NULL
        AND (typeof(NEW.expires_at) <> 'text' OR julianday(NEW.expires_at) IS NULL
            OR julianday(NEW.expires_at) <= julianday('now'));
    SELECT RAISE(ABORT, 'created_at, updated_at and revision are kept by the file')
    WHERE NEW.created_at IS NOT NULL OR NEW.updated_at IS NOT NULL OR NEW.revision IS NOT NULL;
    -- An expired entry counts as absent.
    DELETE FROM entries
    WHERE key = NEW.key
        AND expires_at <= CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER);
    INSERT INTO entries (key, value, expires_at, tag)
    VALUES (
        NEW.key, NEW.value,
        CASE
            WHEN NEW.ttl IS NOT NULL
                THEN CAST(round((julianday('now') - 2440587.5) * 86400000 + NEW.ttl * 1000) AS INTEGER)
            WHEN NEW.expires_at IS NOT NULL
                THEN CAST(round((julianday(NEW.expires_at) - 2440587.5) * 86400000) AS INTEGER)
        END,
        NEW.tag);
END;

CREATE TRIGGER live_update INSTEAD OF UPDATE ON live
BEGIN
    SELECT RAISE(ABORT, 'ttl is a number of seconds greater than 0, or NULL for never')
    WHERE NEW.ttl IS NOT OLD.ttl AND NEW.ttl IS NOT NULL
        AND (typeof(NEW.ttl) NOT IN ('integer', 'real') OR NEW.ttl <= 0);
    SELECT RAISE(ABORT, 'give ttl or expires_at, not both')
    WHERE NEW.ttl IS NOT OLD.ttl AND NEW.expires_at IS NOT OLD.expires_at;
    SELECT RAISE(ABORT, 'expires_at is a time to come as ISO 8601 text in UTC, like 2027-01-01T00:00:00Z')
    WHERE NEW.expires_at IS NOT OLD.expires_at AND NEW.expires_at IS NOT NULL
        AND (typeof(NEW.expires_at) <> 'text' OR julianday(NEW.expires_at) IS NULL
            OR julianday(NEW.expires_at) <= julianday('now'));
    SELECT RAISE(ABORT, 'created_at, updated_at and revision are kept by the file')
    WHERE NEW.created_at IS NOT OLD.created_at OR NEW.updated_at IS NOT OLD.updated_at
        OR NEW.revision IS NOT OLD.revision;
    -- An expired entry counts as absent, also for a new name.
    DELETE FROM entries
    WHERE key = NEW.key AND NEW.key IS NOT OLD.key
        AND expires_at <= CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER);
    UPDATE entries SET key = NEW.key, value = NEW.value, tag = NEW.tag
    WHERE key = OLD.key
        AND (NEW.key IS NOT OLD.key OR NEW.value IS NOT OLD.value OR NEW.tag IS NOT OLD.tag);
    UPDATE entries
    SET expires_at = CASE
        WHEN NEW.ttl IS NOT OLD.ttl
            THEN CAST(round((julianday('now') - 2440587.5) * 86400000 + NEW.ttl * 1000) AS INTEGER)
        ELSE CAST(round((julianday(NEW.expires_at) - 2440587.5) * 86400000) AS INTEGER)
    END
    WHERE key = NEW.key
        AND (NEW.ttl IS NOT OLD.ttl OR NEW.expires_at IS NOT OLD.expires_at);
END;

CREATE TRIGGER live_delete INSTEAD OF DELETE ON live
BEGIN
    DELETE FROM entries WHERE key = OLD.key;
END;

-- Who may do what at the moment. A lease is held as long as now < expires_at; after that it counts as absent.
CREATE TABLE leases (
    -- Only grows, over all names, and is never used twice: the fencing token of whoever holds the lease.
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    -- 'lease'    what programs acquire by a name of their own
    -- 'compute'  a value that is being computed; name is its key
    -- 'store'    the store's own work: the process whose expirer deletes a backlog holds 'expirer', and the others
    --            leave it to that one; 'checkpoint' names one that had to write in order to copy the log into the file
    kind       TEXT NOT NULL,
    name       TEXT NOT NULL,
    owner      TEXT NOT NULL,    -- for a person
    expires_at INTEGER NOT NULL, -- milliseconds since 1970
    CONSTRAINT "a lease has one holder" UNIQUE (kind, name),
    CONSTRAINT "kind is lease, compute or store"
        CHECK (kind IN ('lease', 'compute', 'store')),
    CONSTRAINT "name is text of 1 to 1024 bytes"
        CHECK (typeof(name) = 'text' AND length(CAST(name AS BLOB)) BETWEEN 1 AND 1024),
    CONSTRAINT "owner is text of 1 to 1024 bytes"
        CHECK (typeof(owner) = 'text' AND length(CAST(owner AS BLOB)) BETWEEN 1 AND 1024),
    CONSTRAINT "expires_at is in milliseconds since 1970 (not seconds), before the year 10000"
        CHECK (typeof(expires_at) = 'integer' AND expires_at BETWEEN 100000000000 AND 253402300799999)
);

-- Those that have run out: each new lease deletes a few of them.
CREATE INDEX leases_by_expiry ON leases (expires_at) WHERE kind <> 'store';

-- The schema steps that this file has been through.
CREATE TABLE migrations (
    number     INTEGER PRIMARY KEY,
    name       TEXT NOT NULL,
    applied_at INTEGER NOT NULL DEFAULT (CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER))
);

INSERT INTO migrations (number, name) VALUES (1, 'entries');
PRAGMA application_id = 1414810739; -- "TTLs"
PRAGMA user_version = 1;
COMMIT;
