/* N tasks; K times each: load a counter, store it incremented, with no lock. Two is the least that can come of it.
 * -DLOST claims that no increment is lost, which is wrong. */
#ifndef N
#define N 4
#endif
#ifndef K
#define K 3
#endif
#ifdef LOST
#define CLAIM (counter == N * K)
#else
#define CLAIM (counter >= 2 && counter <= N * K)
#endif
byte counter, ended;

active [N] proctype task() {
  byte round, seen;
  do
  :: seen = counter;
     if
     :: d_step { round < K - 1 -> counter = seen + 1; seen = 0; round++ }
     :: d_step { round == K - 1 -> counter = seen + 1; seen = 0; round = K; ended++; assert(ended < N || CLAIM) }; break
     fi
  od;
end: false
}
