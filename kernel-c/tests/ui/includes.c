#include <linux/spinlock.h>
#include <stdio.h>
#include <pthread.h>
#include "missing.h"
#include linux/fs.h
#include
#include <unclosed.h
#include "included.h"
#include <linux/fs.h> x
int x;
