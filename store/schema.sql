-- The catalog.  Times are seconds since 1970 (UTC); sha256 is 32 bytes.
--
-- A sample is one thing to learn from: an image today.  It is named by the
-- SHA-256 of its original bytes, which lie in blobs/.  One that is lost has
-- bytes that were damaged and may come back; one that is forgotten is a stub
-- that keeps its place in snapshots and the log and tells nothing.
--
-- Labels are three different things: claimed (a source said so: sighting),
-- decided (a person or a rule: op and change, append-only) and predicted (a
-- model said so: prediction).  sample.claimed_id and sample.decided_id are
-- what follows from the first two, kept where filters can use an index.

BEGIN IMMEDIATE;

CREATE TABLE class (
  id      INTEGER PRIMARY KEY,
  name    TEXT NOT NULL UNIQUE CHECK (name <> ''),
  title   TEXT,
  hotkey  TEXT UNIQUE,
  retired INTEGER NOT NULL DEFAULT 0 CHECK (retired IN (0, 1)),
  -- what sources claim of this class counts for that one, which is not
  -- merged itself
  merged_id INTEGER REFERENCES class (id)
) STRICT;

-- What each start of griddle did that changed something.
CREATE TABLE run (
  id      INTEGER PRIMARY KEY,
  command TEXT NOT NULL,
  args    TEXT NOT NULL,
  version TEXT NOT NULL,
  started INTEGER NOT NULL,
  ended   INTEGER,           -- NULL: still going on, or killed
  status  INTEGER            -- exit status
) STRICT;

CREATE TABLE run_count (
  run_id INTEGER NOT NULL REFERENCES run (id),
  stage  TEXT NOT NULL,
  what   TEXT NOT NULL,
  n      INTEGER NOT NULL,
  PRIMARY KEY (run_id, stage, what)
) STRICT, WITHOUT ROWID;

-- Each thing that a run could not take, and the reason's word.
CREATE TABLE failure (
  id      INTEGER PRIMARY KEY,
  run_id  INTEGER NOT NULL REFERENCES run (id),
  stage   TEXT NOT NULL,
  reason  TEXT NOT NULL,
  subject TEXT NOT NULL,     -- a URL, a path or a SHA-256
  detail  TEXT
) STRICT;
CREATE INDEX failure_run ON failure (run_id, stage, reason);

-- ---- where things come from -----------------------------------------------

CREATE TABLE source (
  id          INTEGER PRIMARY KEY,
  name        TEXT NOT NULL UNIQUE,
  type        TEXT NOT NULL,
  fingerprint TEXT NOT NULL,             -- of its section in griddle.conf
  crawl       INTEGER NOT NULL DEFAULT 0, -- number of the newest crawl
  open        INTEGER NOT NULL DEFAULT 0 CHECK (open IN (0, 1)),
  finished    INTEGER,                   -- when the last crawl was complete
  begun       INTEGER NOT NULL DEFAULT 0 -- when the newest was begun
) STRICT;

-- A page, API answer or list that names images or further documents.  It is
-- waiting while crawl is the source's and done is not.
CREATE TABLE document (
  id            INTEGER PRIMARY KEY,
  source_id     INTEGER NOT NULL REFERENCES source (id),
  url           TEXT NOT NULL,
  depth         INTEGER NOT NULL CHECK (depth >= 0),
  crawl         INTEGER NOT NULL,        -- the last one that came upon it
  done          INTEGER NOT NULL DEFAULT 0, -- the last one that read it
  etag          TEXT,
  last_modified TEXT,
  tries         INTEGER NOT NULL DEFAULT 0, -- in a row that failed
  due           INTEGER NOT NULL DEFAULT 0, -- not before this time
  every         INTEGER,                 -- s between visits, as it changes
  changed       INTEGER,                 -- when it last was another
  reason        TEXT,                    -- of the last failure
  UNIQUE (source_id, url)
) STRICT;
CREATE INDEX document_waiting ON document (source_id, crawl, id)
  WHERE done < crawl;

-- Which documents a document leads to, for when it has not changed.
CREATE TABLE document_link (
  from_id INTEGER NOT NULL REFERENCES document (id),
  to_id   INTEGER NOT NULL REFERENCES document (id),
  PRIMARY KEY (from_id, to_id)
) STRICT, WITHOUT ROWID;

-- The frontier: each URL of an image, once.
CREATE TABLE url (
  id            INTEGER PRIMARY KEY,
  url           TEXT NOT NULL UNIQUE,
  host          TEXT NOT NULL,           -- '' for a local file
  class_id      INTEGER REFERENCES class (id), -- of its first sighting
  state         TEXT NOT NULL DEFAULT 'pending'
    CHECK (state IN ('pending', 'held', 'failed', 'refused')),
  tries         INTEGER NOT NULL DEFAULT 0,
  due           INTEGER NOT NULL DEFAULT 0, -- not before this time
  reason        TEXT,                    -- of the last failure
  http_status   INTEGER,
  etag          TEXT,
  last_modified TEXT,
  checked       INTEGER,
  sample_id     INTEGER REFERENCES sample (id),
  priority      INTEGER NOT NULL DEFAULT 0, -- higher goes first
  opt_out       TEXT,                    -- what its answer asked of robots
  CHECK ((state = 'held') = (sample_id IS NOT NULL)),
  CHECK ((state IN ('failed', 'refused')) = (reason IS NOT NULL))
) STRICT;
CREATE INDEX url_waiting ON url (class_id, host, priority, id)
  WHERE state IN ('pending', 'failed');
CREATE INDEX url_sample ON url (sample_id) WHERE sample_id IS NOT NULL;
CREATE INDEX url_host ON url (host, sample_id)
  WHERE sample_id IS NOT NULL;
CREATE INDEX url_unheld ON url (state) WHERE state <> 'held';

-- What is known of scheme://host:port between runs: its robots.txt as it was
-- answered, and until when it asked to be left alone.
CREATE TABLE host (
  id            INTEGER PRIMARY KEY,
  origin        TEXT NOT NULL UNIQUE,
  robots        BLOB,
  robots_status INTEGER,
  robots_at     INTEGER,
  paused_until  INTEGER NOT NULL DEFAULT 0,
  failures      INTEGER NOT NULL DEFAULT 0 -- in a row
) STRICT;

-- How a run got on with a host; percentiles are of the time to the last byte.
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

-- Each time a source offered a URL: provenance is never thrown away.
CREATE TABLE sighting (
  id          INTEGER PRIMARY KEY,
  url_id      INTEGER NOT NULL REFERENCES url (id),
  source_id   INTEGER NOT NULL REFERENCES source (id),
  run_id      INTEGER NOT NULL REFERENCES run (id), -- the first to see it
  page        TEXT NOT NULL DEFAULT '',
  class_id    INTEGER REFERENCES class (id), -- claimed
  title       TEXT,
  author      TEXT,
  licence     TEXT,
  licence_url TEXT,
  seen        INTEGER NOT NULL,
  caption     TEXT,                      -- beside it: caption or heading
  UNIQUE (url_id, source_id, page)
) STRICT;
CREATE INDEX sighting_source ON sighting (source_id, url_id);

-- Which bytes a URL gave, and when first.
CREATE TABLE fetch (
  url_id    INTEGER NOT NULL REFERENCES url (id),
  sample_id INTEGER NOT NULL REFERENCES sample (id),
  run_id    INTEGER NOT NULL REFERENCES run (id),
  at        INTEGER NOT NULL,
  PRIMARY KEY (sample_id, url_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX fetch_url ON fetch (url_id);

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

-- ---- what is held ----------------------------------------------------------

CREATE TABLE blob (
  id     INTEGER PRIMARY KEY,
  sha256 BLOB NOT NULL UNIQUE CHECK (length(sha256) = 32),
  bytes  INTEGER NOT NULL CHECK (bytes > 0),
  added  INTEGER NOT NULL
) STRICT;
CREATE INDEX blob_added ON blob (added);
CREATE INDEX blob_bytes ON blob (bytes);

CREATE TABLE sample (
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
  -- further facts of the visit: a second opinion (pHash of 256 bits), the
  -- code without a border where there is one, and how much was kept when it
  -- was compressed (100: all)
  phash        BLOB CHECK (length(phash) = 32),
  trim_pdq     BLOB CHECK (length(trim_pdq) = 32),
  trim_quality INTEGER CHECK (trim_quality BETWEEN 0 AND 100),
  compression  INTEGER CHECK (compression BETWEEN 0 AND 100),
  -- how it is like its keeper, turned by which of the eight turns; and did
  -- a person choose it to be kept?
  match        TEXT
    CHECK (match IN ('pixels', 'near', 'verified', 'person')),
  turn         INTEGER CHECK (turn BETWEEN 0 AND 7),
  chosen       INTEGER NOT NULL DEFAULT 0 CHECK (chosen IN (0, 1)),
  CHECK ((stage = 'refused') = (reason IS NOT NULL)),
  CHECK (stage <> 'prepared' OR (format IS NOT NULL AND width > 0
    AND height > 0 AND pixel_digest IS NOT NULL AND pdq IS NOT NULL
    AND pdq_quality IS NOT NULL)),
  CHECK (keeper_id IS NULL OR stage = 'prepared')
) STRICT;
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

-- What people say of two images: the same picture, or not.
CREATE TABLE pair_verdict (
  low_id  INTEGER NOT NULL REFERENCES sample (id),
  high_id INTEGER NOT NULL REFERENCES sample (id),
  same    INTEGER NOT NULL CHECK (same IN (0, 1)),
  PRIMARY KEY (low_id, high_id),
  CHECK (low_id < high_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX pair_verdict_high ON pair_verdict (high_id);

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

-- ---- what people decide: an append-only log ----------------------------------

CREATE TABLE op (
  id     INTEGER PRIMARY KEY,
  at     INTEGER NOT NULL,
  actor  TEXT NOT NULL,
  verb   TEXT NOT NULL,
  note   TEXT,
  undoes INTEGER UNIQUE REFERENCES op (id)
) STRICT;
CREATE TRIGGER op_no_update BEFORE UPDATE ON op
  BEGIN SELECT raise(ABORT, 'the log is append-only'); END;
CREATE TRIGGER op_no_delete BEFORE DELETE ON op
  BEGIN SELECT raise(ABORT, 'the log is append-only'); END;

-- The fields: label and claimed (ids of classes, or NULL), rejected and
-- tag:NAME (0 or 1).
CREATE TABLE change (
  op_id     INTEGER NOT NULL REFERENCES op (id),
  sample_id INTEGER NOT NULL REFERENCES sample (id),
  field     TEXT NOT NULL,
  old       ANY,
  new       ANY,
  PRIMARY KEY (op_id, sample_id, field)
) STRICT, WITHOUT ROWID;
CREATE INDEX change_sample ON change (sample_id, op_id);
CREATE TRIGGER change_no_update BEFORE UPDATE ON change
  BEGIN SELECT raise(ABORT, 'the change log is append-only'); END;
CREATE TRIGGER change_no_delete BEFORE DELETE ON change
  BEGIN SELECT raise(ABORT, 'the change log is append-only'); END;

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

CREATE TABLE tag (
  id   INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE CHECK (name <> '')
) STRICT;
CREATE TABLE sample_tag (
  tag_id    INTEGER NOT NULL REFERENCES tag (id),
  sample_id INTEGER NOT NULL REFERENCES sample (id),
  PRIMARY KEY (tag_id, sample_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX sample_tag_sample ON sample_tag (sample_id);

CREATE TABLE saved_view (
  name  TEXT PRIMARY KEY,
  query TEXT NOT NULL,
  sort  TEXT NOT NULL
) STRICT;

-- ---- frozen versions, and what was learned from them --------------------------

CREATE TABLE snapshot (
  id      INTEGER PRIMARY KEY,
  name    TEXT NOT NULL UNIQUE CHECK (name <> ''),
  hash    BLOB NOT NULL UNIQUE CHECK (length(hash) = 32), -- of the manifest
  created INTEGER NOT NULL,
  options TEXT NOT NULL,
  report  TEXT NOT NULL DEFAULT '{}' -- JSON: what was left out, and why
) STRICT;

CREATE TABLE snapshot_sample (
  snapshot_id INTEGER NOT NULL REFERENCES snapshot (id),
  sample_id   INTEGER NOT NULL REFERENCES sample (id),
  class_id    INTEGER NOT NULL REFERENCES class (id),
  part        TEXT NOT NULL CHECK (part IN ('train', 'val', 'test')),
  fold        INTEGER CHECK (fold >= 0),        -- of k, where there are folds
  weight      REAL NOT NULL DEFAULT 1 CHECK (weight > 0), -- balance up
  PRIMARY KEY (snapshot_id, sample_id)
) STRICT, WITHOUT ROWID;
-- What its classes were called then: a class may be renamed later.
CREATE TABLE snapshot_class (
  snapshot_id INTEGER NOT NULL REFERENCES snapshot (id),
  class_id    INTEGER NOT NULL REFERENCES class (id),
  name        TEXT NOT NULL,
  PRIMARY KEY (snapshot_id, class_id)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER snapshot_no_update BEFORE UPDATE ON snapshot
  BEGIN SELECT raise(ABORT, 'snapshots are immutable'); END;
CREATE TRIGGER snapshot_no_delete BEFORE DELETE ON snapshot
  BEGIN SELECT raise(ABORT, 'snapshots are immutable'); END;
CREATE TRIGGER snapshot_sample_no_update BEFORE UPDATE ON snapshot_sample
  BEGIN SELECT raise(ABORT, 'snapshots are immutable'); END;
CREATE TRIGGER snapshot_sample_no_delete BEFORE DELETE ON snapshot_sample
  BEGIN SELECT raise(ABORT, 'snapshots are immutable'); END;
CREATE TRIGGER snapshot_class_no_update BEFORE UPDATE ON snapshot_class
  BEGIN SELECT raise(ABORT, 'snapshots are immutable'); END;
CREATE TRIGGER snapshot_class_no_delete BEFORE DELETE ON snapshot_class
  BEGIN SELECT raise(ABORT, 'snapshots are immutable'); END;

CREATE TABLE model (
  id          INTEGER PRIMARY KEY,
  name        TEXT NOT NULL UNIQUE CHECK (name <> ''),
  snapshot_id INTEGER NOT NULL REFERENCES snapshot (id),
  run_id      INTEGER NOT NULL REFERENCES run (id),
  path        TEXT NOT NULL,   -- inside the workspace
  options     TEXT NOT NULL,
  validation  TEXT,
  test        TEXT,
  created     INTEGER NOT NULL
) STRICT;

CREATE TABLE prediction (
  model_id  INTEGER NOT NULL REFERENCES model (id),
  sample_id INTEGER NOT NULL REFERENCES sample (id),
  class_id  INTEGER NOT NULL REFERENCES class (id),
  p         REAL NOT NULL CHECK (p BETWEEN 0 AND 1),
  p_given   REAL CHECK (p_given BETWEEN 0 AND 1), -- of the sample's label
  PRIMARY KEY (model_id, sample_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX prediction_mistake ON prediction (model_id, p_given);

-- Networks whose answers are features: backbones/NAME.onnx in the workspace.
CREATE TABLE backbone (
  id     INTEGER PRIMARY KEY,
  name   TEXT NOT NULL UNIQUE CHECK (name <> ''),
  sha256 BLOB NOT NULL CHECK (length(sha256) = 32),
  bytes  INTEGER NOT NULL CHECK (bytes > 0),
  added  INTEGER NOT NULL,
  meta   TEXT NOT NULL    -- JSON: how a picture goes in, and what comes out
) STRICT;

-- ---- what is gone for good ------------------------------------------------------

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

PRAGMA application_id = 0x47524444; -- 'GRDD'
PRAGMA user_version = 3;
COMMIT;
