/* SPDX-License-Identifier: Apache-2.0 */
#include "base/md5.h"

#include <openssl/evp.h>
#include <string.h>

void
md5_of(const void *data, size_t len, unsigned char out[MD5_SIZE])
{
	if (!EVP_Digest(data, len, out, NULL, EVP_md5(), NULL))
		memset(out, 0, MD5_SIZE);
}
