/* A driver on C CPUs: on each a task puts K requests on a queue; an interrupt handler takes one off and counts it. The device raises its line at any
 * moment, T times at most; the handler runs on any CPU that has interrupts on, beneath it the task of that CPU stands still, and it runs on one
 * CPU at a time. The queue's lock is taken with interrupts off; with -DPLAIN it is not, and a handler can wait for the task beneath it. */
#ifndef C
#define C 2
#endif
#ifndef K
#define K 12
#endif
#ifndef T
#define T 12
#endif
#define NOWHERE 255
byte lock, queued, completed, ended, left = T, where = NOWHERE;
bool irqs_off[C];

#define CLAIM (ended < C || where != NOWHERE || queued + completed == C * K)

active [C] proctype task() {
  byte round, seen;
  do
#ifdef PLAIN
  :: atomic { where != _pid && lock == 0 -> lock = 1 };
#else
  :: atomic { where != _pid -> irqs_off[_pid] = true };
     atomic { lock == 0 -> lock = 1 };
#endif
     d_step { where != _pid -> seen = queued };
     d_step { where != _pid -> queued = seen + 1; seen = 0 };
     if
     :: d_step { where != _pid && round < K - 1 -> lock = 0; irqs_off[_pid] = false; round++ }
     :: d_step { where != _pid && round == K - 1 -> lock = 0; irqs_off[_pid] = false; round = K; ended++; assert(CLAIM) }; break
     fi
  od;
end: false
}

active proctype line() {
  byte seen;
end:
  do
  :: if
     :: d_step { left > 0 && !irqs_off[0] -> left--; where = 0 }
     :: d_step { left > 0 && !irqs_off[1] -> left--; where = 1 }
#if C > 2
     :: d_step { left > 0 && !irqs_off[2] -> left--; where = 2 }
#endif
     fi;
     atomic { lock == 0 -> lock = 1 };
     if
     :: d_step { queued > 0 -> seen = queued };
        d_step { queued = seen - 1; seen = 0 };
        seen = completed;
        d_step { completed = seen + 1; seen = 0 }
     :: queued == 0
     fi;
     d_step { lock = 0; where = NOWHERE; assert(CLAIM) }
  od
}
