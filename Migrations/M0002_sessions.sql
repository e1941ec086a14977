-- Schema 2 of a TTLStore file: the view sessions. In the shell: sqlite3 app.db < M0002_sessions.sql
-- The lines before BEGIN are for the shell alone: it stops at the first error, and changes only a file of schema 1.
.bail on
.timeout 10000
CREATE TEMP TABLE upgraded_file (
    application_id CONSTRAINT "the file is a TTLStore" CHECK (application_id = 1414810739),
    user_version CONSTRAINT "the file has schema 1" CHECK (user_version = 1)
);
INSERT INTO upgraded_file SELECT application_id, user_version FROM pragma_application_id, pragma_user_version;
DROP TABLE upgraded_file;
BEGIN IMMEDIATE;

-- The live sessions of the module TTLSessions. Never shows a token, nor its hash, which is in the key.
-- DELETE logs out:
--   DELETE FROM sessions WHERE handle = 'Vq3kPz0aXw1b';
--   DELETE FROM sessions WHERE subject = 'alice';
CREATE VIEW sessions AS
SELECT
    json_extract(session, '$.handle') AS handle, -- names the session, and opens nothing
    name, -- of the kind of session
    json_extract(session, '$.subject') AS subject,
    strftime('%Y-%m-%dT%H:%M:%fZ', created_at / 1000.0, 'unixepoch') AS created_at, -- times: ISO 8601, UTC
    strftime(
        '%Y-%m-%dT%H:%M:%fZ',
        max(updated_at, ifnull(expires_at - json_extract(session, '$.idle'), 0)) / 1000.0, 'unixepoch'
    ) AS last_seen_at,
    strftime('%Y-%m-%dT%H:%M:%fZ', json_extract(session, '$.authenticatedAt') / 1000.0, 'unixepoch')
        AS authenticated_at,
    strftime('%Y-%m-%dT%H:%M:%fZ', expires_at / 1000.0, 'unixepoch') AS expires_at, -- if it is not used before
    strftime('%Y-%m-%dT%H:%M:%fZ', json_extract(session, '$.endsAt') / 1000.0, 'unixepoch') AS ends_at, -- in any case
    json_type(session, '$.remembered') IS 'true' AS remembered,
    json_extract(session, '$.label') AS label,
    json_extract(session, '$.userAgent') AS user_agent,
    json_extract(session, '$.address') AS address,
    length(CAST(payload AS BLOB)) AS size, -- of the payload, in bytes
    payload -- JSON
FROM (
    SELECT
        name, session, created_at, updated_at, expires_at,
        CASE json_type(session, '$.payload')
            WHEN 'true' THEN 'true' WHEN 'false' THEN 'false'
            ELSE json_quote(json_extract(session, '$.payload'))
        END AS payload
    FROM (
        -- Any text may stand here. CASE keeps what is no JSON from the functions that fail on it.
        SELECT
            -- Between the prefix of 12 characters and the hash of 43: ttl.session:web:…
            nullif(substr(key, 13, length(key) - 56), '') AS name,
            created_at, updated_at, expires_at,
            CASE WHEN typeof(value) = 'text' AND json_valid(value) THEN value END AS session
        FROM entries
        WHERE key >= 'ttl.session:' AND key < 'ttl.session;'
            AND (expires_at IS NULL
                OR expires_at > CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER))
    )
)
WHERE json_type(session, '$.handle') = 'text'
    AND json_type(session, '$.idle') = 'integer'
    AND json_type(session, '$.endsAt') = 'integer';

-- The expiry leads to the row by its index, the handle tells the row from others of the same time.
CREATE TRIGGER sessions_delete INSTEAD OF DELETE ON sessions
BEGIN
    DELETE FROM entries
    WHERE expires_at = CAST(round((julianday(OLD.expires_at) - 2440587.5) * 86400000) AS INTEGER)
        AND key >= 'ttl.session:' AND key < 'ttl.session;'
        AND CASE WHEN json_valid(value) THEN json_extract(value, '$.handle') END = OLD.handle;
    -- An edit may have made the session permanent.
    DELETE FROM entries
    WHERE OLD.expires_at IS NULL AND expires_at IS NULL
        AND key >= 'ttl.session:' AND key < 'ttl.session;'
        AND CASE WHEN json_valid(value) THEN json_extract(value, '$.handle') END = OLD.handle;
END;

INSERT OR REPLACE INTO migrations (number, name) VALUES (2, 'sessions');
PRAGMA user_version = 2;
COMMIT;
