/* What a service manager (systemd) is told, and whether there is one: sd_notify(3).  Main thread. */
#ifndef RECORDER_SERVICE_SERVICE_H
#define RECORDER_SERVICE_SERVICE_H

#include <stdbool.h>
#include <stdint.h>

bool service_managed(void); /* a service manager started us */
void service_ready(void);   /* recording has begun */
void service_stopping(void);
/* Now and then while all is well; the manager starts us anew where it is asked to watch and hears nothing. */
void service_alive(int64_t now_mono_us);

#endif
