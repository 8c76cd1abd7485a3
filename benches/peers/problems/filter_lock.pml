/* The filter lock, Peterson's for N tasks (Peterson 1981), for ever. With -DSWAPPED a task makes itself the victim before it enters the level, and
 * two get in. */
#ifndef N
#define N 3
#endif
#define OTHERS_FROM (_pid == 0 -> 1 : 0)
#define NEXT (other + 1 == _pid -> other + 2 : other + 1)
byte level[N], victim[N], inside;

active [N] proctype task() {
  byte at = 1, other;
announce:
#ifdef SWAPPED
  victim[at] = _pid;
  d_step { level[_pid] = at; other = OTHERS_FROM };
#else
  level[_pid] = at;
  d_step { victim[at] = _pid; other = OTHERS_FROM };
#endif
wait:
  if
  :: d_step { level[other] < at && NEXT < N -> other = NEXT }; goto wait
  :: d_step { level[other] < at && NEXT >= N && at < N - 1 -> other = 0; at++ }; goto announce
  :: d_step { level[other] < at && NEXT >= N && at == N - 1 -> other = 0; at = 0 }
  :: level[other] >= at ->
     if
     :: d_step { victim[at] != _pid && NEXT < N -> other = NEXT }; goto wait
     :: d_step { victim[at] != _pid && NEXT >= N && at < N - 1 -> other = 0; at++ }; goto announce
     :: d_step { victim[at] != _pid && NEXT >= N && at == N - 1 -> other = 0; at = 0 }
     :: victim[at] == _pid -> goto wait
     fi
  fi;
  inside = _pid;
  assert(inside == _pid);
  d_step { level[_pid] = 0; at = 1 };
  goto announce
}
