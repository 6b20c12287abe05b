/* The listening socket, its TLS settings and the thread that accepts. Closed and opened again on the same port when the script says `refuse`. Main thread. */
#ifndef SIM_LISTEN_H
#define SIM_LISTEN_H

#include <stdbool.h>

bool listen_start(void); /* writes the port file; false after saying why */
void listen_stop(void);  /* no new connections, and ends those there are */

#endif
