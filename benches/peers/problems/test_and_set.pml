/* N tasks; K times each: take a lock by exchange in a loop, increment a counter, release the lock.
 * An exchange that finds the lock taken writes what is there: a step that changes nothing. */
#ifndef N
#define N 8
#endif
#ifndef K
#define K 3
#endif
byte lock, counter, ended;

active [N] proctype task() {
  byte round, seen;
  do
  :: lock == 1
  :: atomic { lock == 0 -> lock = 1 };
     seen = counter;
     d_step { counter = seen + 1; seen = 0 };
     if
     :: d_step { round < K - 1 -> lock = 0; round++ }
     :: d_step { round == K - 1 -> lock = 0; round = K; ended++; assert(ended < N || counter == N * K) }; break
     fi
  od;
end: false
}
