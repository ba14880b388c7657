/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/text.h"
#include "scraper/fetch_int.h"
#include "scraper/magic.h"

static enum outcome
outcome_of_timeout(const struct slot *s)
{
	curl_off_t sent = 0, total = 0;

	curl_easy_getinfo(s->easy, CURLINFO_PRETRANSFER_TIME_T, &sent);
	curl_easy_getinfo(s->easy, CURLINFO_TOTAL_TIME_T, &total);
	if (sent == 0)
		return FETCH_CONNECT_FAILED;
	/* Of the two watches, which one has rung? */
	return total >= s->fetch->opts->timeout * 1000000 - 100000
	    ? FETCH_TIMED_OUT
	    : FETCH_TOO_SLOW;
}

static enum outcome
outcome_of_error(const struct slot *s, CURLcode code)
{
	switch (code) {
	case CURLE_URL_MALFORMAT:
	case CURLE_UNSUPPORTED_PROTOCOL:
		/* The URL is one of ours, so this is HTTP/0.9. */
		return FETCH_BAD_HEADERS;
	case CURLE_COULDNT_RESOLVE_HOST:
		return FETCH_DNS_FAILED;
	case CURLE_COULDNT_CONNECT:
		return FETCH_CONNECT_FAILED;
	case CURLE_OPERATION_TIMEDOUT:
		return outcome_of_timeout(s);
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_SSL_CIPHER:
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_ISSUER_ERROR:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_INVALIDCERTSTATUS:
		return FETCH_TLS_FAILED;
	case CURLE_PARTIAL_FILE:
	case CURLE_RECV_ERROR:
	case CURLE_SEND_ERROR:
	case CURLE_GOT_NOTHING:
		return FETCH_INCOMPLETE;
	case CURLE_OUT_OF_MEMORY: /* one endless header line */
	case CURLE_WEIRD_SERVER_REPLY:
	case CURLE_BAD_CONTENT_ENCODING:
	default:
		return FETCH_BAD_HEADERS;
	}
}

/* Of a body in parts: is it all there now? */
static bool
is_whole(const struct slot *s)
{
	const char *slash = strrchr(s->range, '/');
	int64_t total;

	return slash != NULL && text_to_int(slash + 1, &total) &&
	    (size_t)total == s->body.len;
}

static enum outcome
outcome_of_body(const struct slot *s)
{
	enum outcome o = outcome_of_status(s->status);

	if (s->resumed)
		o = is_whole(s) ? FETCH_OK : FETCH_INCOMPLETE;
	else if (s->asked_part && s->status == 416)
		return FETCH_INCOMPLETE; /* it has changed: anew */

	if (s->status == 304)
		return s->task->etag != NULL || s->task->last_modified != NULL
		    ? FETCH_NOT_MODIFIED
		    : FETCH_BAD_HEADERS;
	if (o == FETCH_OK && s->body.len == 0)
		return FETCH_EMPTY;
	/* Fewer bytes than the callback waits for. */
	if (o == FETCH_OK && s->task->want == FETCH_IMAGE &&
	    magic_image(s->body.data, s->body.len) == NULL)
		return FETCH_NOT_AN_IMAGE;
	return o;
}

enum outcome
slot_outcome(struct slot *s, CURLcode code)
{
	if (s->sockets == 0 && s->refused_private)
		return FETCH_PRIVATE_ADDRESS;
	if (s->sockets == 0 && s->refused_contact)
		return FETCH_NO_CONTACT;
	if (s->bad_headers)
		return FETCH_BAD_HEADERS;
	if (s->opted_out)
		return FETCH_OPTED_OUT;
	if (s->too_large)
		return FETCH_TOO_LARGE;
	if (s->not_image)
		return FETCH_NOT_AN_IMAGE;
	if (code != CURLE_OK && !s->enough)
		return outcome_of_error(s, code);
	return outcome_of_body(s);
}

bool
slot_is_redirect(const struct slot *s, enum outcome outcome)
{
	return outcome == FETCH_BAD_HEADERS && s->location != NULL &&
	    !s->bad_headers &&
	    (s->status == 301 || s->status == 302 || s->status == 303 ||
		s->status == 307 || s->status == 308);
}
