/*
 * Messages that look nearly right, one array a dialect; NULL at the end. '%' stands for a market that the client asked for, '^' for the same in
 * small letters.
 */
#ifndef SIM_GARBAGE_H
#define SIM_GARBAGE_H

extern const char *const garbage_upbit[];
extern const char *const garbage_bithumb[];
extern const char *const garbage_bithumb_legacy[];
extern const char *const garbage_binance[];
extern const char *const garbage_binance_usdm[];

#endif
