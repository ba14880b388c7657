-- What can be remade from the catalog and the blobs, by content hash; a
-- missing row is simply made again.

BEGIN IMMEDIATE;

CREATE TABLE derived.prepared (
  id     INTEGER PRIMARY KEY,
  sha256 BLOB NOT NULL CHECK (length(sha256) = 32),
  recipe BLOB NOT NULL CHECK (length(recipe) = 32),
  width  INTEGER NOT NULL,
  height INTEGER NOT NULL,
  jpeg   BLOB NOT NULL,
  UNIQUE (sha256, recipe)
) STRICT;

CREATE TABLE derived.vector (
  id       INTEGER PRIMARY KEY,
  sha256   BLOB NOT NULL CHECK (length(sha256) = 32),
  recipe   BLOB NOT NULL CHECK (length(recipe) = 32),
  features TEXT NOT NULL,    -- which kind, with its version
  floats   BLOB NOT NULL,    -- 32-bit, host order
  UNIQUE (sha256, recipe, features)
) STRICT;

PRAGMA derived.user_version = 1;
COMMIT;
