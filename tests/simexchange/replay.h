/* A capture file, read once before threads start: `RECV_EPOCH_SECONDS OPCODE PAYLOAD` a line. Read-only afterwards, any thread. */
#ifndef SIM_REPLAY_H
#define SIM_REPLAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct replay_frame {
	int64_t after_us; /* since the first frame */
	int opcode;
	const char *data; /* borrowed from the file's text */
	size_t len;
};

bool replay_load(void); /* puts the codes it sees on the market list; false after saying why */
void replay_release(void);
size_t replay_count(void);
const struct replay_frame *replay_frame(size_t i);

#endif
