/* SPDX-License-Identifier: Apache-2.0 */
/*
 * change_sql: what the log has, as SQL for people to read.
 */
#ifndef STORE_CHANGE_SQL_H
#define STORE_CHANGE_SQL_H

/* The first digits of the image of an id. */
#define SHORT_NAME(id) \
	"(SELECT lower(substr(hex(vb.sha256), 1, 12)) FROM sample vs" \
	" JOIN blob vb ON vb.id = vs.blob_id WHERE vs.id = " id ")"

/* A value of a field of the log. */
/* clang-format off */
#define CHANGE_VALUE(field, value) \
	"CASE WHEN " field " IN ('label', 'claimed') THEN" \
	" (SELECT name FROM class WHERE id = " value ")" \
	" WHEN " field " = 'keeper' THEN iif(" value " IS 0, 'itself'," \
	" " SHORT_NAME("json_extract(" value ", '$[0]')") ")" \
	" WHEN " field " GLOB 'pair:*' THEN CASE " value \
	" WHEN 0 THEN 'not the same' WHEN 1 THEN 'the same' END" \
	" ELSE iif(" value ", 'yes', 'no') END"
/* clang-format on */

/* The field itself: a pair by the other image's name. */
#define CHANGE_FIELD(field) \
	"iif(" field " GLOB 'pair:*', 'pair:' || " SHORT_NAME( \
	    "CAST(substr(" field ", 6) AS INTEGER)") ", " field ")"

#endif
