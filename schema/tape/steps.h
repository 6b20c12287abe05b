/* The numbered SQL files, in order, as embed.cmake made them: step N of the tape is schema_steps[N - 1]. */
#ifndef SCHEMA_TAPE_STEPS_H
#define SCHEMA_TAPE_STEPS_H

extern const char *const schema_steps[];
extern const int schema_step_count;

#endif
