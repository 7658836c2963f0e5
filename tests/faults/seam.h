/* SPDX-License-Identifier: MIT */
/*
 * Where a test makes the n-th call of a kind fail. The linker's --wrap puts it under the program's
 * own calls; of the libraries' memory it is the malloc of this process.
 *
 * A sweep forks at each call: the child goes on with that call failed, the parent waits for it and
 * goes on as if nothing was. So a run costs what comes behind its fault, and all runs together a
 * few seconds. While the program writes to a file a child would share it: such calls are put off,
 * and then made by a run of their own each.
 */
#ifndef ED_TESTS_FAULTS_SEAM_H
#define ED_TESTS_FAULTS_SEAM_H

#include <stdbool.h>

enum seam_kind {
	SEAM_MEMORY,  /* ed_malloc, ed_calloc, ed_realloc */
	SEAM_LIBRARY, /* malloc of everybody else; not under the sanitizers */
	SEAM_READ,    /* open to read, stat, list, read, the clock, random bytes */
	SEAM_WRITE,   /* open to write, write, fsync, close, rename, remove, what is said of room */
	SEAM_API,     /* doubles of what Windows is asked */
	SEAM_KINDS,
	SEAM_NONE = SEAM_KINDS,
};

extern const char *const seam_words[SEAM_KINDS];

struct seam_fault {
	enum seam_kind kind;
	int code;      /* errno, or what a double returns */
	bool for_good; /* not this call alone: all that follow, too */
};

#define SEAM_PUT_OFF 8192

struct seam_sweep {
	long calls, runs, failed;   /* counted; one failed in each; of which ended badly */
	long put_off[SEAM_PUT_OFF]; /* number of the call */
	int put_off_count;
	int signal;      /* that ended the last run that was ended by one */
	long killed_at;  /* the call that failed in it */
	unsigned stride; /* only each such call */
};

/* From now on calls of @fault's kind are counted, and the @n-th (from 1; 0: none) fails. */
void seam_fail_at(const struct seam_fault *fault, long n);
/* From now on @child is called in a fork at each, which must return to the program. */
void seam_sweep(const struct seam_fault *fault, struct seam_sweep *sweep, void (*child)(long n));
/* Nothing is counted any more; returns how many were. */
long seam_off(void);
/* True in a process in which a call was made to fail. */
bool seam_struck(void);

/* A double's call: 0, or the code it must return. */
int seam_api(void);

/* Blocks of memory that are held now. */
long seam_blocks(enum seam_kind kind);
/* True where SEAM_LIBRARY counts. */
bool seam_sees_libraries(void);

#endif
