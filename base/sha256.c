/* SPDX-License-Identifier: Apache-2.0 */
#include "base/sha256.h"

#include <assert.h>
#include <openssl/evp.h>

struct sha256 {
	EVP_MD_CTX *ctx;
};

struct sha256 *
sha256_new(void)
{
	struct sha256 *h = xmalloc(sizeof(*h));
	int ok;

	h->ctx = EVP_MD_CTX_new();
	ok = h->ctx != NULL && EVP_DigestInit_ex(h->ctx, EVP_sha256(), NULL);
	assert(ok);
	(void)ok;
	return h;
}

void
sha256_add(struct sha256 *h, const void *data, size_t len)
{
	EVP_DigestUpdate(h->ctx, data, len);
}

void
sha256_end(struct sha256 *h, unsigned char out[SHA256_SIZE])
{
	EVP_DigestFinal_ex(h->ctx, out, NULL);
	sha256_free(h);
}

void
sha256_free(struct sha256 *h)
{
	if (h == NULL)
		return;
	EVP_MD_CTX_free(h->ctx);
	free(h);
}

void
sha256_of(const void *data, size_t len, unsigned char out[SHA256_SIZE])
{
	struct sha256 *h = sha256_new();

	sha256_add(h, data, len);
	sha256_end(h, out);
}

void
sha256_with(struct sha256 *h, const void *data, size_t len,
    unsigned char out[SHA256_SIZE])
{
	sha256_add(h, data, len);
	EVP_DigestFinal_ex(h->ctx, out, NULL);
	/* Without a type, OpenSSL need not look one up again. */
	EVP_DigestInit_ex(h->ctx, NULL, NULL);
}
