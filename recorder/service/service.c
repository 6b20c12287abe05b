#include "recorder/service/service.h"

#include <stdlib.h>
#include <systemd/sd-daemon.h>

bool service_managed(void)
{
	return getenv("NOTIFY_SOCKET") != NULL; /* Type=notify */
}

void service_ready(void)
{
	sd_notify(0, "READY=1");
}

void service_stopping(void)
{
	sd_notify(0, "STOPPING=1");
}

void service_alive(int64_t now_mono_us)
{
	static int64_t every_us = -1, due_us; /* -1: not asked for yet */
	uint64_t limit_us = 0;
	if (every_us < 0)
		every_us = sd_watchdog_enabled(0, &limit_us) > 0 ? (int64_t)(limit_us / 2) : 0;
	if (every_us == 0 || now_mono_us < due_us)
		return;
	due_us = now_mono_us + every_us;
	sd_notify(0, "WATCHDOG=1");
}
