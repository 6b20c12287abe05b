/* A new tape is built beside its place, as PATH LEFTOVER PID; a process that is killed meanwhile leaves that file. */
#ifndef SCHEMA_TAPE_LEFTOVERS_H
#define SCHEMA_TAPE_LEFTOVERS_H

#define LEFTOVER ".new-"

void leftovers_remove(const char *path);      /* of processes that are gone; `path` as tape_plain_path makes it */
void leftovers_remove_tape(const char *path); /* a file and what SQLite keeps beside it */

#endif
