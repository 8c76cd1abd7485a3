/* N tasks; K times each: draw a ticket, wait until it is served, increment a counter, serve the next. */
#ifndef N
#define N 6
#endif
#ifndef K
#define K 2
#endif
byte next, owner, counter, ended;

active [N] proctype task() {
  byte round, mine, seen;
  do
  :: d_step { mine = next; next++ };
     d_step { owner == mine -> mine = 0 };
     seen = counter;
     d_step { counter = seen + 1; seen = 0 };
     if
     :: d_step { round < K - 1 -> owner++; round++ }
     :: d_step { round == K - 1 -> owner++; round = K; ended++; assert(ended < N || counter == N * K) }; break
     fi
  od;
end: false
}
