/* A gap's row of the ledger, as it goes through the queue: plain values.  schema/0003_gaps.sql tells what they mean. */
#ifndef RECORDER_GAPS_GAP_ROW_H
#define RECORDER_GAPS_GAP_ROW_H

#include <stdint.h>

enum gap_reason {
	GAP_NOT_RUNNING, GAP_DISCONNECT, GAP_SILENCE, GAP_ASLEEP, GAP_OVERFLOW, GAP_UNPARSEABLE, GAP_ID_SKIP, GAP_BACKFILL_SINCE,
	GAP_REFUSED, GAP_DELISTED, GAP_NEW_IDS, GAP_AUDIT,
	GAP_REASONS
};
extern const char *const gap_reason_words[GAP_REASONS]; /* as they stand on the tape */

enum gap_state { GAP_OPEN, GAP_FILLED, GAP_UNFILLABLE };
extern const char *const gap_state_words[];

#define GAP_NOT_OVER INT64_MAX /* to_us */
#define GAP_NO_ID INT64_C(-1)
#define GAP_NOTE_SIZE 96

struct gap_mark {
	int64_t gap_id;
	int64_t from_us, to_us; /* exchange's time, half-open */
	int64_t from_id, to_id; /* GAP_NO_ID: ids do not prove, or not known (yet) */
	enum gap_reason reason;
	enum gap_state state;
	char note[GAP_NOTE_SIZE];
};

#endif
