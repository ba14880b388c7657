-- What can be remade from the catalog and the blobs, by content hash; a
-- missing row is simply made again, so a new version only adds tables.

BEGIN IMMEDIATE;

CREATE TABLE IF NOT EXISTS derived.prepared (
  id     INTEGER PRIMARY KEY,
  sha256 BLOB NOT NULL CHECK (length(sha256) = 32),
  recipe BLOB NOT NULL CHECK (length(recipe) = 32),
  width  INTEGER NOT NULL,
  height INTEGER NOT NULL,
  jpeg   BLOB NOT NULL,
  UNIQUE (sha256, recipe)
) STRICT;

CREATE TABLE IF NOT EXISTS derived.vector (
  id       INTEGER PRIMARY KEY,
  sha256   BLOB NOT NULL CHECK (length(sha256) = 32),
  recipe   BLOB NOT NULL CHECK (length(recipe) = 32),
  features TEXT NOT NULL,    -- which kind, with its version
  floats   BLOB NOT NULL,    -- 32-bit, host order
  UNIQUE (sha256, recipe, features)
) STRICT;

-- For people to look at: whole, and small.
CREATE TABLE IF NOT EXISTS derived.thumb (
  id     INTEGER PRIMARY KEY,
  sha256 BLOB NOT NULL UNIQUE CHECK (length(sha256) = 32),
  width  INTEGER NOT NULL,
  height INTEGER NOT NULL,
  jpeg   BLOB NOT NULL
) STRICT;

-- How an image looks to dedup: the PDQ of its seven other turns, one after
-- the other, and a small grey picture; the same without its border, where it
-- has one.
CREATE TABLE IF NOT EXISTS derived.look (
  id          INTEGER PRIMARY KEY,
  sha256      BLOB NOT NULL UNIQUE CHECK (length(sha256) = 32),
  turned      BLOB NOT NULL CHECK (length(turned) = 7 * 32),
  gray        BLOB NOT NULL,
  trim_turned BLOB CHECK (length(trim_turned) = 7 * 32),
  trim_gray   BLOB,
  CHECK ((trim_turned IS NULL) = (trim_gray IS NULL))
) STRICT;

-- Up to which sample all that a recipe, a rule of the visit and its limits
-- give was found here, and beside which run of the catalog; so that it is
-- not looked for a million times to find nothing missing.  What is deleted
-- may be what it speaks of.
CREATE TABLE IF NOT EXISTS derived.complete (
  recipe       BLOB PRIMARY KEY CHECK (length(recipe) = 32),
  visit_rule   INTEGER NOT NULL,
  visit_limits INTEGER NOT NULL,
  up_to        INTEGER NOT NULL,
  run_id       INTEGER NOT NULL,
  run_started  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TRIGGER IF NOT EXISTS derived.prepared_deleted
AFTER DELETE ON prepared
BEGIN DELETE FROM complete WHERE recipe = old.recipe; END;
CREATE TRIGGER IF NOT EXISTS derived.thumb_deleted AFTER DELETE ON thumb
BEGIN DELETE FROM complete; END;
CREATE TRIGGER IF NOT EXISTS derived.look_deleted AFTER DELETE ON look
BEGIN DELETE FROM complete; END;

PRAGMA derived.user_version = 4;
COMMIT;
