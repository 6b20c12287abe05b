#include "recorder/net/dial.h"

#include <arpa/inet.h>

static bool is_address(const char *host)
{
	unsigned char bytes[sizeof(struct in6_addr)];
	return inet_pton(AF_INET, host, bytes) == 1 || inet_pton(AF_INET6, host, bytes) == 1;
}

enum dial_state dial_start(struct dial *dial, struct net *net, const char *host)
{
	*dial = (struct dial){ .net = net, .host = host };
	if (is_address(host)) {
		snprintf(dial->found.addresses[0], ADDRESS_SIZE, "%s", host);
		dial->found.count = 1;
		return DIAL_READY;
	}
	if (lookup_ask(net->lookup, dial, host))
		return DIAL_WAIT;
	snprintf(dial->found.reason, sizeof dial->found.reason, "too many look-ups at once");
	return DIAL_FAILED;
}

enum dial_state dial_collect(struct dial *dial)
{
	if (!lookup_collect(dial->net->lookup, dial, &dial->found))
		return DIAL_WAIT;
	return dial->found.count > 0 ? DIAL_READY : DIAL_FAILED;
}

void dial_stop(struct dial *dial)
{
	if (dial->net)
		lookup_forget(dial->net->lookup, dial);
}

const char *dial_next(struct dial *dial)
{
	return dial->next < dial->found.count ? dial->found.addresses[dial->next++] : NULL;
}
