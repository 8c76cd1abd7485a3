/* The lock of Mellor-Crummey and Scott (1991): N tasks; K times each: queue up, increment a counter, pass the lock on. */
#ifndef N
#define N 4
#endif
#ifndef K
#define K 2
#endif
#define NIL 255
byte tail = NIL, next[N], counter, ended;
bool granted[N];

/* What ends a round goes with its last access: a task with rounds left starts again, the last to end checks the claim. */
#define MORE round < K - 1
#define LAST round == K - 1
#define END round = K; ended++; assert(ended < N || counter == N * K)

active [N] proctype task() {
  byte round, other;
again:
  next[_pid] = NIL;
  granted[_pid] = false;
  if
  :: d_step { tail == NIL -> tail = _pid }
  :: d_step { tail != NIL -> other = tail; tail = _pid };
     d_step { next[other] = _pid; other = 0 };
     granted[_pid]
  fi;
  other = counter;
  d_step { counter = other + 1; other = 0 };
  if
  :: d_step { next[_pid] != NIL -> other = next[_pid] }
  :: next[_pid] == NIL ->
     if
     :: d_step { tail == _pid && MORE -> tail = NIL; round++ }; goto again
     :: d_step { tail == _pid && LAST -> tail = NIL; END }; goto done
     :: tail != _pid
     fi;
     d_step { next[_pid] != NIL -> other = next[_pid] }
  fi;
  if
  :: d_step { MORE -> granted[other] = true; other = 0; round++ }; goto again
  :: d_step { LAST -> granted[other] = true; other = 0; END }
  fi;
done:
end: false
}
