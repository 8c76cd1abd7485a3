/* The file system of Flanagan and Godefroid (POPL 2005): N tasks, each with an inode of its own that wants a free block. Up to 13 tasks never
 * meet, so that the states are 9^N. */
#ifndef N
#define N 7
#endif
#define BLOCKS 26
#define INODES 32
bool inode_lock[INODES], block_lock[BLOCKS], busy[BLOCKS];
byte inode[INODES];

active [N] proctype task() {
  byte block, seen;
  atomic { !inode_lock[_pid] -> inode_lock[_pid] = true };
  if
  :: d_step { inode[_pid] == 0 -> block = (_pid * 2) % BLOCKS };
     do
     :: atomic { !block_lock[block] -> block_lock[block] = true };
        if
        :: busy[block] == 0 ->
           busy[block] = true;
           inode[_pid] = block + 1;
           d_step { block_lock[block] = false; block = 0 };
           break
        :: busy[block] != 0 ->
           d_step { block_lock[block] = false; block = (block + 1) % BLOCKS }
        fi
     od
  :: inode[_pid] != 0
  fi;
  inode_lock[_pid] = false;
end: false
}
