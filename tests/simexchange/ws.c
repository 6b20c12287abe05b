#include "ws.h"

#include <openssl/evp.h>
#include <stdio.h>

#define CLIENT_FRAME_MAX ((size_t)1 << 19)

void ws_accept(const char *key, char accept[WS_KEY_ACCEPT])
{
	char text[160];
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned digest_len = 0;
	int n = snprintf(text, sizeof text, "%.80s258EAFA5-E914-47DA-95CA-C5AB0DC85B11", key);

	EVP_Digest(text, (size_t)n, digest, &digest_len, EVP_sha1(), NULL);
	EVP_EncodeBlock((unsigned char *)accept, digest, (int)digest_len);
}

void ws_put(struct buf *out, bool fin, int opcode, const void *data, size_t len)
{
	char *d = buf_room(out, len + 10);

	*d++ = (char)((fin ? 0x80 : 0) | opcode);
	if (len < 126) {
		*d++ = (char)len;
	} else if (len < 65536) {
		*d++ = 126;
		*d++ = (char)(len >> 8);
		*d++ = (char)len;
	} else {
		*d++ = 127;
		for (int shift = 56; shift >= 0; shift -= 8)
			*d++ = (char)(len >> shift);
	}
	if (len)
		memcpy(d, data, len);
	out->len = (size_t)(d - out->p) + len;
}

int ws_take(struct buf *in, size_t offset, struct ws_frame *f)
{
	unsigned char *p = (unsigned char *)in->p + offset;
	size_t have = in->len - offset, head = 2;
	uint64_t len;
	unsigned char *mask;

	if (have < 2)
		return 0;
	f->fin = p[0] & 0x80;
	f->opcode = p[0] & 0x0f;
	if ((p[0] & 0x70) || !(p[1] & 0x80) || (f->opcode > WS_BINARY && f->opcode < WS_CLOSE) || f->opcode > WS_PONG)
		return 1002;
	len = p[1] & 0x7f;
	if (f->opcode >= WS_CLOSE && (len > 125 || !f->fin))
		return 1002;
	if (len >= 126) {
		size_t wide = len == 126 ? 2 : 8;

		if (have < 2 + wide)
			return 0;
		len = 0;
		for (size_t i = 0; i < wide; i++)
			len = len << 8 | p[2 + i];
		head += wide;
	}
	if (len > CLIENT_FRAME_MAX)
		return 1009;
	if (have < head + 4 + len)
		return 0;
	mask = p + head;
	head += 4;
	for (size_t i = 0; i < len; i++)
		p[head + i] ^= mask[i & 3];
	f->data = (const char *)p + head;
	f->len = (size_t)len;
	f->used = head + (size_t)len;
	return 1;
}
