-- From version 2 of the catalog to 3: further codes of a picture, how it is
-- like its keeper and what people say of pairs; hosts between runs, documents
-- that are revisited when they tend to change, and hosts by run; backbones.

BEGIN IMMEDIATE;

ALTER TABLE source ADD COLUMN begun INTEGER NOT NULL DEFAULT 0;

ALTER TABLE document ADD COLUMN tries INTEGER NOT NULL DEFAULT 0;
ALTER TABLE document ADD COLUMN due INTEGER NOT NULL DEFAULT 0;
ALTER TABLE document ADD COLUMN every INTEGER;
ALTER TABLE document ADD COLUMN changed INTEGER;
ALTER TABLE document ADD COLUMN reason TEXT;

ALTER TABLE url ADD COLUMN priority INTEGER NOT NULL DEFAULT 0;
ALTER TABLE url ADD COLUMN opt_out TEXT;
DROP INDEX url_waiting;
CREATE INDEX url_waiting ON url (class_id, host, priority, id)
  WHERE state IN ('pending', 'failed');

ALTER TABLE sighting ADD COLUMN caption TEXT;

ALTER TABLE sample ADD COLUMN phash BLOB CHECK (length(phash) = 32);
ALTER TABLE sample ADD COLUMN trim_pdq BLOB CHECK (length(trim_pdq) = 32);
ALTER TABLE sample ADD COLUMN trim_quality INTEGER
  CHECK (trim_quality BETWEEN 0 AND 100);
ALTER TABLE sample ADD COLUMN compression INTEGER
  CHECK (compression BETWEEN 0 AND 100);
ALTER TABLE sample ADD COLUMN match TEXT
  CHECK (match IN ('pixels', 'near', 'verified', 'person'));
ALTER TABLE sample ADD COLUMN turn INTEGER CHECK (turn BETWEEN 0 AND 7);
ALTER TABLE sample ADD COLUMN chosen INTEGER NOT NULL DEFAULT 0
  CHECK (chosen IN (0, 1));

CREATE TABLE pair_verdict (
  low_id  INTEGER NOT NULL REFERENCES sample (id),
  high_id INTEGER NOT NULL REFERENCES sample (id),
  same    INTEGER NOT NULL CHECK (same IN (0, 1)),
  PRIMARY KEY (low_id, high_id),
  CHECK (low_id < high_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX pair_verdict_high ON pair_verdict (high_id);

CREATE TABLE host (
  id            INTEGER PRIMARY KEY,
  origin        TEXT NOT NULL UNIQUE,
  robots        BLOB,
  robots_status INTEGER,
  robots_at     INTEGER,
  paused_until  INTEGER NOT NULL DEFAULT 0,
  failures      INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE run_host (
  run_id   INTEGER NOT NULL REFERENCES run (id),
  host     TEXT NOT NULL,
  requests INTEGER NOT NULL,
  fetched  INTEGER NOT NULL,
  failed   INTEGER NOT NULL,
  bytes    INTEGER NOT NULL,
  p50_ms   INTEGER,
  p95_ms   INTEGER,
  PRIMARY KEY (run_id, host)
) STRICT, WITHOUT ROWID;

CREATE TABLE backbone (
  id     INTEGER PRIMARY KEY,
  name   TEXT NOT NULL UNIQUE CHECK (name <> ''),
  sha256 BLOB NOT NULL CHECK (length(sha256) = 32),
  bytes  INTEGER NOT NULL CHECK (bytes > 0),
  added  INTEGER NOT NULL,
  meta   TEXT NOT NULL
) STRICT;

PRAGMA user_version = 3;
COMMIT;
