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

PRAGMA derived.user_version = 2;
COMMIT;
