/* The indexer of Flanagan and Godefroid (POPL 2005): N tasks, each puts four words into a hash table of 128 slots with a lock each. */
#ifndef N
#define N 5
#endif
#define SLOTS 128
#define WORDS 4
byte table[SLOTS];
bool slot_lock[SLOTS];

active [N] proctype task() {
  byte count = 1, word = 11 + _pid, slot = ((11 + _pid) * 7) & (SLOTS - 1);
  do
  :: atomic { !slot_lock[slot] -> slot_lock[slot] = true };
     if
     :: table[slot] == 0 ->
        table[slot] = word;
        if
        :: d_step { count < WORDS ->
             slot_lock[slot] = false; count++; word = count * 11 + _pid; slot = (word * 7) & (SLOTS - 1) }
        :: d_step { count == WORDS -> slot_lock[slot] = false; word = 0; slot = 0 }; break
        fi
     :: table[slot] != 0 ->
        d_step { slot_lock[slot] = false; slot = (slot + 1) & (SLOTS - 1) }
     fi
  od;
end: false
}
