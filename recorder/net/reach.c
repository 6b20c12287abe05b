#include "recorder/net/reach.h"

#include "recorder/log.h"

#include <string.h>

#define ROUNDS 3 /* fewer may be a line that is just coming up */

void reach_failed(struct net *net, size_t index, const char *exchange, unsigned rounds, const char *reason)
{
	if (rounds < ROUNDS || (net->told_unreachable >> index & 1))
		return;
	net->told_unreachable |= 1u << index;
	if (strstr(reason, "HTTP status"))
		log_event(LOG_WARNING, "unreachable", "exchange=%s it answers and refuses, %u times so far; is it in maintenance, or does it refuse this "
		          "address?  tapedeckd goes on trying", exchange, rounds);
	else
		log_event(LOG_WARNING, "unreachable", "exchange=%s %u times in vain; is this machine online?  does it find names (DNS)?  does a firewall "
		          "stand between?  tapedeckd goes on trying", exchange, rounds);
}
