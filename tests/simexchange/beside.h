/* What messages say besides the trade itself: prices near it, amounts that lie in the book, when it was sent. Any thread. */
#ifndef SIM_BESIDE_H
#define SIM_BESIDE_H

#include <stdint.h>

#include "text.h"

#define KST_MS INT64_C(32400000)

struct trade;

struct dec beside_price(const struct trade *t, int64_t units);   /* in the trade's scale, not below 0 */
struct dec beside_amount(const struct trade *t, uint64_t salt);  /* any will do, if the same trade always shows the same */
struct dec beside_value(const struct trade *t, struct dec size, uint8_t scale); /* price times size, cut after so many decimals */
int64_t beside_sent_us(const struct trade *t);                   /* when the exchange says it sent the message */
enum spelling beside_spelling(const struct trade *t, unsigned which);

#endif
