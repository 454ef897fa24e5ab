/* Counts the reductions over all ranks: preloaded, it stands before those of MPI, of which the names that end in _c
   take large counts. Handles are ints or pointers. */
static long count = 0;

long reductions_so_far(void) { return count; }

#define COUNTED(name)                                                                                  \
    extern int P##name(void *, void *, void *, void *, void *, void *);                                \
    int name(void *from, void *to, void *n, void *type, void *op, void *comm) {                        \
        count++;                                                                                       \
        return P##name(from, to, n, type, op, comm);                                                   \
    }
#define COUNTED_AT_ONCE(name)                                                                          \
    extern int P##name(void *, void *, void *, void *, void *, void *, void *);                        \
    int name(void *from, void *to, void *n, void *type, void *op, void *comm, void *request) {         \
        count++;                                                                                       \
        return P##name(from, to, n, type, op, comm, request);                                          \
    }

COUNTED(MPI_Allreduce)
COUNTED(MPI_Allreduce_c)
COUNTED_AT_ONCE(MPI_Iallreduce)
COUNTED_AT_ONCE(MPI_Iallreduce_c)
