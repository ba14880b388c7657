-- From version 1 of the catalog to 2: what the prepare visit thinks of a
-- picture, by which rule it was visited, and another digest of its pixels;
-- steps that change classes; snapshots that say what they left out; what is
-- forgotten.  The table of samples is made anew, as SQLite advises; what was
-- prepared waits for another visit, since all that a visit finds has changed.

PRAGMA foreign_keys = OFF;
BEGIN IMMEDIATE;

CREATE TABLE sample_2 (
  id           INTEGER PRIMARY KEY,
  kind         TEXT NOT NULL DEFAULT 'image' CHECK (kind IN ('image')),
  blob_id      INTEGER NOT NULL UNIQUE REFERENCES blob (id),
  stage        TEXT NOT NULL DEFAULT 'fetched'
    CHECK (stage IN ('fetched', 'prepared', 'refused', 'lost', 'forgotten')),
  reason       TEXT,          -- from prep/reasons.def when refused
  -- facts of the prepare visit
  format       TEXT,
  width        INTEGER,       -- pixels, after turning by EXIF orientation
  height       INTEGER,
  frames       INTEGER,
  pixel_digest BLOB CHECK (length(pixel_digest) = 16),
  pdq          BLOB CHECK (length(pdq) = 32),
  pdq_quality  INTEGER CHECK (pdq_quality BETWEEN 0 AND 100),
  warned       INTEGER NOT NULL DEFAULT 0 CHECK (warned IN (0, 1)),
  -- by which rule it was visited, and under which limits; 0: none yet
  visit_rule   INTEGER NOT NULL DEFAULT 0,
  visit_limits INTEGER NOT NULL DEFAULT 0,
  -- look-alikes: the keeper's id, its own for a keeper, NULL before dedup
  keeper_id    INTEGER REFERENCES sample (id),
  distance     INTEGER,       -- bits between its PDQ and the keeper's
  -- what may look alike, from neighbour to neighbour: the lowest id among
  -- them; no split parts them
  component_id INTEGER REFERENCES sample (id),
  -- labels
  claimed_id   INTEGER REFERENCES class (id), -- NULL too when claims differ
  conflict     INTEGER NOT NULL DEFAULT 0 CHECK (conflict IN (0, 1)),
  decided_id   INTEGER REFERENCES class (id),
  rejected     INTEGER NOT NULL DEFAULT 0 CHECK (rejected IN (0, 1)),
  rev          INTEGER NOT NULL DEFAULT 1,
  label_id     INTEGER AS (coalesce(decided_id, claimed_id)) VIRTUAL,
  CHECK ((stage = 'refused') = (reason IS NOT NULL)),
  CHECK (stage <> 'prepared' OR (format IS NOT NULL AND width > 0
    AND height > 0 AND pixel_digest IS NOT NULL AND pdq IS NOT NULL
    AND pdq_quality IS NOT NULL)),
  CHECK (keeper_id IS NULL OR stage = 'prepared')
) STRICT;

INSERT INTO sample_2 (id, kind, blob_id, stage, reason, claimed_id, conflict,
  decided_id, rejected, rev)
SELECT id, kind, blob_id, iif(stage = 'prepared', 'fetched', stage), reason,
  claimed_id, conflict, decided_id, rejected, rev FROM sample;
DROP TABLE sample;
ALTER TABLE sample_2 RENAME TO sample;
-- Filters, sorts and pages: each in the order of ids, too.
CREATE INDEX sample_label ON sample (label_id);
CREATE INDEX sample_format ON sample (format);
CREATE INDEX sample_width ON sample (width);
CREATE INDEX sample_height ON sample (height);
CREATE INDEX sample_pdq_quality ON sample (pdq_quality);
CREATE INDEX sample_unprepared ON sample (stage) WHERE stage <> 'prepared';
CREATE INDEX sample_reason ON sample (reason) WHERE reason IS NOT NULL;
CREATE INDEX sample_duplicate ON sample (id) WHERE keeper_id <> id;
CREATE INDEX sample_decided ON sample (id) WHERE decided_id IS NOT NULL;
CREATE INDEX sample_rejected ON sample (id) WHERE rejected = 1;
CREATE INDEX sample_warned ON sample (id) WHERE warned = 1;
-- What is counted; without label_id, since SQLite reads the row for a
-- generated column even when an index has it.
CREATE INDEX sample_counts ON sample
  (decided_id, claimed_id, stage, rejected, conflict, keeper_id);
CREATE INDEX sample_waiting ON sample (id) WHERE stage = 'fetched';
CREATE INDEX sample_forgotten ON sample (id) WHERE stage = 'forgotten';
CREATE INDEX sample_ungrouped ON sample (id)
  WHERE stage = 'prepared' AND (keeper_id IS NULL OR component_id IS NULL);
CREATE INDEX sample_keeper ON sample (keeper_id)
  WHERE keeper_id IS NOT NULL;
CREATE INDEX sample_component ON sample (component_id)
  WHERE component_id IS NOT NULL;
CREATE INDEX sample_pixels ON sample (pixel_digest)
  WHERE pixel_digest IS NOT NULL;
CREATE INDEX sample_conflict ON sample (id) WHERE conflict = 1;

-- What the prepare visit thinks of a picture: 0 is bad, 1 is fine.  Whether
-- that is an issue, griddle.conf says.
CREATE TABLE quality (
  sample_id       INTEGER PRIMARY KEY REFERENCES sample (id),
  dark            REAL NOT NULL CHECK (dark BETWEEN 0 AND 1),
  light           REAL NOT NULL CHECK (light BETWEEN 0 AND 1),
  odd_aspect      REAL NOT NULL CHECK (odd_aspect BETWEEN 0 AND 1),
  low_information REAL NOT NULL CHECK (low_information BETWEEN 0 AND 1),
  blurry          REAL NOT NULL CHECK (blurry BETWEEN 0 AND 1),
  grayscale       REAL NOT NULL CHECK (grayscale BETWEEN 0 AND 1),
  blocky          REAL NOT NULL CHECK (blocky BETWEEN 0 AND 1),
  bordered        REAL NOT NULL CHECK (bordered BETWEEN 0 AND 1),
  texty           REAL NOT NULL CHECK (texty BETWEEN 0 AND 1),
  uniform         REAL NOT NULL CHECK (uniform BETWEEN 0 AND 1),
  placeholder     REAL NOT NULL CHECK (placeholder BETWEEN 0 AND 1)
) STRICT;
-- An issue is below a threshold that is under these: few images each.
CREATE INDEX quality_dark ON quality (sample_id, dark) WHERE dark < 0.5;
CREATE INDEX quality_light ON quality (sample_id, light) WHERE light < 0.5;
CREATE INDEX quality_odd_aspect ON quality (sample_id, odd_aspect)
  WHERE odd_aspect < 0.5;
CREATE INDEX quality_low_information ON quality (sample_id, low_information)
  WHERE low_information < 0.5;
CREATE INDEX quality_blurry ON quality (sample_id, blurry) WHERE blurry < 0.5;
CREATE INDEX quality_grayscale ON quality (sample_id, grayscale)
  WHERE grayscale < 0.6;
CREATE INDEX quality_blocky ON quality (sample_id, blocky) WHERE blocky < 0.6;
CREATE INDEX quality_bordered ON quality (sample_id, bordered)
  WHERE bordered < 0.95;
CREATE INDEX quality_texty ON quality (sample_id, texty) WHERE texty < 0.6;
CREATE INDEX quality_uniform ON quality (sample_id, uniform)
  WHERE uniform < 0.5;
CREATE INDEX quality_placeholder ON quality (sample_id, placeholder)
  WHERE placeholder < 0.6;

-- Between which sizes (the square root of the area) an image is not odd, by
-- all that are prepared; one row.
CREATE TABLE size_fence (
  id   INTEGER PRIMARY KEY CHECK (id = 1),
  low  REAL NOT NULL,
  high REAL NOT NULL CHECK (high >= low)
) STRICT;

ALTER TABLE class ADD COLUMN merged_id INTEGER REFERENCES class (id);

-- The log named classes; ids stay the same when one gets another name.
DROP TRIGGER change_no_update;
UPDATE change SET old = (SELECT id FROM class WHERE name = old),
  new = (SELECT id FROM class WHERE name = new) WHERE field = 'label';
CREATE TRIGGER change_no_update BEFORE UPDATE ON change
  BEGIN SELECT raise(ABORT, 'the change log is append-only'); END;
CREATE TRIGGER op_no_update BEFORE UPDATE ON op
  BEGIN SELECT raise(ABORT, 'the log is append-only'); END;
CREATE TRIGGER op_no_delete BEFORE DELETE ON op
  BEGIN SELECT raise(ABORT, 'the log is append-only'); END;

-- What a step did to a class itself; old and new are NULL where there is
-- nothing.
CREATE TABLE class_change (
  op_id    INTEGER NOT NULL REFERENCES op (id),
  class_id INTEGER NOT NULL REFERENCES class (id),
  field    TEXT NOT NULL CHECK (field IN ('name', 'retired', 'merged')),
  old      ANY,
  new      ANY,
  PRIMARY KEY (op_id, class_id, field)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER class_change_no_update BEFORE UPDATE ON class_change
  BEGIN SELECT raise(ABORT, 'the change log is append-only'); END;
CREATE TRIGGER class_change_no_delete BEFORE DELETE ON class_change
  BEGIN SELECT raise(ABORT, 'the change log is append-only'); END;

ALTER TABLE snapshot ADD COLUMN report TEXT NOT NULL DEFAULT '{}';
ALTER TABLE snapshot_sample ADD COLUMN fold INTEGER CHECK (fold >= 0);
ALTER TABLE snapshot_sample ADD COLUMN
  weight REAL NOT NULL DEFAULT 1 CHECK (weight > 0);

-- What its classes were called then: a class may be renamed later.
CREATE TABLE snapshot_class (
  snapshot_id INTEGER NOT NULL REFERENCES snapshot (id),
  class_id    INTEGER NOT NULL REFERENCES class (id),
  name        TEXT NOT NULL,
  PRIMARY KEY (snapshot_id, class_id)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER snapshot_class_no_update BEFORE UPDATE ON snapshot_class
  BEGIN SELECT raise(ABORT, 'snapshots are immutable'); END;
CREATE TRIGGER snapshot_class_no_delete BEFORE DELETE ON snapshot_class
  BEGIN SELECT raise(ABORT, 'snapshots are immutable'); END;
INSERT INTO snapshot_class SELECT DISTINCT ss.snapshot_id, ss.class_id, c.name
  FROM snapshot_sample ss JOIN class c ON c.id = ss.class_id;

-- What may never come back: SHA-256 of the salt and the thing's name, so
-- that the list does not tell what is on it.
CREATE TABLE tombstone (
  id     INTEGER PRIMARY KEY,
  kind   TEXT NOT NULL CHECK (kind IN ('image', 'url', 'host', 'source')),
  digest BLOB NOT NULL UNIQUE CHECK (length(digest) = 32),
  at     INTEGER NOT NULL,
  actor  TEXT NOT NULL,
  why    TEXT
) STRICT;

CREATE TABLE secret (
  id   INTEGER PRIMARY KEY CHECK (id = 1),
  salt BLOB NOT NULL CHECK (length(salt) = 32)
) STRICT;

-- Blobs whose rows are gone, until their files are too.
CREATE TABLE unlink_queue (
  sha256 BLOB PRIMARY KEY CHECK (length(sha256) = 32),
  queued INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What filters go by.
CREATE INDEX url_host ON url (host, sample_id)
  WHERE sample_id IS NOT NULL;
CREATE INDEX url_unheld ON url (state) WHERE state <> 'held';
CREATE INDEX fetch_url ON fetch (url_id);
CREATE INDEX blob_added ON blob (added);
CREATE INDEX blob_bytes ON blob (bytes);

-- Which sources and licences ('unknown': none said) an image has, in the
-- order of ids, for filters and counts.  The triggers keep them: an image
-- has what any sighting says of a URL that ever gave its bytes.
CREATE TABLE sample_source (
  source_id INTEGER NOT NULL REFERENCES source (id),
  sample_id INTEGER NOT NULL,
  PRIMARY KEY (source_id, sample_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE sample_licence (
  licence   TEXT NOT NULL,
  sample_id INTEGER NOT NULL,
  PRIMARY KEY (licence, sample_id)
) STRICT, WITHOUT ROWID;
INSERT INTO sample_source SELECT DISTINCT g.source_id, f.sample_id
  FROM fetch f JOIN sighting g ON g.url_id = f.url_id;
INSERT INTO sample_licence
  SELECT DISTINCT coalesce(g.licence, 'unknown'), f.sample_id
  FROM fetch f JOIN sighting g ON g.url_id = f.url_id;
CREATE TRIGGER fetch_added AFTER INSERT ON fetch
BEGIN
  INSERT OR IGNORE INTO sample_source SELECT g.source_id, new.sample_id
    FROM sighting g WHERE g.url_id = new.url_id;
  INSERT OR IGNORE INTO sample_licence
    SELECT coalesce(g.licence, 'unknown'), new.sample_id
    FROM sighting g WHERE g.url_id = new.url_id;
END;
CREATE TRIGGER sighting_added AFTER INSERT ON sighting
BEGIN
  INSERT OR IGNORE INTO sample_source SELECT new.source_id, f.sample_id
    FROM fetch f WHERE f.url_id = new.url_id;
  INSERT OR IGNORE INTO sample_licence
    SELECT coalesce(new.licence, 'unknown'), f.sample_id
    FROM fetch f WHERE f.url_id = new.url_id;
END;
CREATE TRIGGER fetch_deleted AFTER DELETE ON fetch
BEGIN
  DELETE FROM sample_source WHERE sample_id = old.sample_id
    AND source_id IN
      (SELECT g.source_id FROM sighting g WHERE g.url_id = old.url_id)
    AND source_id NOT IN (SELECT g.source_id FROM fetch f
      JOIN sighting g ON g.url_id = f.url_id
      WHERE f.sample_id = old.sample_id);
  DELETE FROM sample_licence WHERE sample_id = old.sample_id
    AND licence IN (SELECT coalesce(g.licence, 'unknown')
      FROM sighting g WHERE g.url_id = old.url_id)
    AND licence NOT IN (SELECT coalesce(g.licence, 'unknown')
      FROM fetch f JOIN sighting g ON g.url_id = f.url_id
      WHERE f.sample_id = old.sample_id);
END;
CREATE TRIGGER sighting_deleted AFTER DELETE ON sighting
BEGIN
  DELETE FROM sample_source WHERE source_id = old.source_id
    AND sample_id IN
      (SELECT f.sample_id FROM fetch f WHERE f.url_id = old.url_id)
    AND NOT EXISTS (SELECT 1 FROM fetch f
      JOIN sighting g ON g.url_id = f.url_id
      WHERE f.sample_id = sample_source.sample_id
      AND g.source_id = old.source_id);
  DELETE FROM sample_licence
    WHERE licence = coalesce(old.licence, 'unknown')
    AND sample_id IN
      (SELECT f.sample_id FROM fetch f WHERE f.url_id = old.url_id)
    AND NOT EXISTS (SELECT 1 FROM fetch f
      JOIN sighting g ON g.url_id = f.url_id
      WHERE f.sample_id = sample_licence.sample_id
      AND coalesce(g.licence, 'unknown')
        = coalesce(old.licence, 'unknown'));
END;

PRAGMA user_version = 2;
COMMIT;
PRAGMA foreign_keys = ON;
