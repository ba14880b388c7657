/* SPDX-License-Identifier: Apache-2.0 */
#include "base/xxh3.h"

#include <string.h>
#define XXH_STATIC_LINKING_ONLY /* for a state that is not allocated */
#include <xxhash.h>
#if defined(__x86_64__) && __has_include(<xxh_x86dispatch.h>)
#	include <xxh_x86dispatch.h> /* by what the processor has */
#endif

_Static_assert(sizeof(XXH128_canonical_t) == XXH3_SIZE, "128 bits");

void
xxh3_of(const void *head, size_t head_len, const void *data, size_t len,
    unsigned char out[XXH3_SIZE])
{
	XXH128_canonical_t digest;
	XXH3_state_t state;

	XXH3_INITSTATE(&state);
	XXH3_128bits_reset(&state);
	XXH3_128bits_update(&state, head, head_len);
	XXH3_128bits_update(&state, data, len);
	XXH128_canonicalFromHash(&digest, XXH3_128bits_digest(&state));
	memcpy(out, digest.digest, XXH3_SIZE);
}
