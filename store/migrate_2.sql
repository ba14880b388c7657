-- From version 1 of the catalog to 2: what the prepare visit thinks of a
-- picture, and by which rule it was visited.

BEGIN IMMEDIATE;

ALTER TABLE sample ADD COLUMN
  warned INTEGER NOT NULL DEFAULT 0 CHECK (warned IN (0, 1));
ALTER TABLE sample ADD COLUMN visit_rule INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sample ADD COLUMN visit_limits INTEGER NOT NULL DEFAULT 0;

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

-- Between which sizes (the square root of the area) an image is not odd, by
-- all that are prepared; one row.
CREATE TABLE size_fence (
  id   INTEGER PRIMARY KEY CHECK (id = 1),
  low  REAL NOT NULL,
  high REAL NOT NULL CHECK (high >= low)
) STRICT;

PRAGMA user_version = 2;
COMMIT;
