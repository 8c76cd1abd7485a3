/* N tasks; K times each: take a spinlock, load a counter, store it incremented, release the lock. */
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
