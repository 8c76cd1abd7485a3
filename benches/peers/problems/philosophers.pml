/* N philosophers for ever: take two forks, put them back. They take the lower one first; with -DCYCLE the left one, and can all wait. */
#ifndef N
#define N 12
#endif
#ifdef CYCLE
#define FIRST _pid
#define SECOND ((_pid + 1) % N)
#else
#define FIRST ((_pid == N - 1) -> 0 : _pid)
#define SECOND ((_pid == N - 1) -> N - 1 : _pid + 1)
#endif
bool fork[N];

active [N] proctype philosopher() {
  do
  :: atomic { !fork[FIRST] -> fork[FIRST] = true };
     atomic { !fork[SECOND] -> fork[SECOND] = true };
     fork[SECOND] = false;
     fork[FIRST] = false
  od
}
