/* Types and constants that all kernel code may take for granted. */

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef signed char s8;
typedef short s16;
typedef int s32;
typedef long long s64;
typedef u8 __u8;
typedef u16 __u16;
typedef u32 __u32;
typedef u64 __u64;
typedef s8 __s8;
typedef s16 __s16;
typedef s32 __s32;
typedef s64 __s64;
typedef u8 uint8_t;
typedef u16 uint16_t;
typedef u32 uint32_t;
typedef u64 uint64_t;
typedef s8 int8_t;
typedef s16 int16_t;
typedef s32 int32_t;
typedef s64 int64_t;
typedef u16 __le16;
typedef u32 __le32;
typedef u64 __le64;
typedef u16 __be16;
typedef u32 __be32;
typedef u64 __be64;
typedef unsigned char uchar;
typedef unsigned int uint;
typedef unsigned short ushort;
typedef unsigned long ulong;
typedef unsigned long size_t;
typedef long ssize_t;
typedef long ptrdiff_t;
typedef unsigned long uintptr_t;
typedef long intptr_t;
typedef long long loff_t;
typedef long off_t;
typedef int pid_t;
typedef unsigned int uid_t;
typedef unsigned int gid_t;
typedef unsigned short umode_t;
typedef unsigned int dev_t;
typedef unsigned int gfp_t;
typedef unsigned int slab_flags_t;
typedef unsigned int fmode_t;
typedef u64 dma_addr_t;
typedef u64 phys_addr_t;
typedef phys_addr_t resource_size_t;
typedef u64 sector_t;
typedef s64 ktime_t;
typedef unsigned int irq_hw_number_t;

#define NULL ((void *)0)
#define true ((bool)1)
#define false ((bool)0)

#define BITS_PER_BYTE 8
#define BITS_PER_LONG 64
#define BITS_PER_LONG_LONG 64
#define PAGE_SHIFT 12
#define PAGE_SIZE 4096UL
#define SMP_CACHE_BYTES 64
#define L1_CACHE_BYTES 64

#define U8_MAX ((u8)~0U)
#define S8_MAX ((s8)127)
#define S8_MIN ((s8)-128)
#define U16_MAX ((u16)~0U)
#define S16_MAX ((s16)32767)
#define S16_MIN ((s16)-32768)
#define U32_MAX ((u32)~0U)
#define S32_MAX ((s32)0x7fffffff)
#define S32_MIN ((s32)(-0x7fffffff - 1))
#define U64_MAX ((u64)~0ULL)
#define S64_MAX ((s64)0x7fffffffffffffffLL)
#define S64_MIN ((s64)(-0x7fffffffffffffffLL - 1))
#define CHAR_BIT 8
#define UCHAR_MAX 255
#define SHRT_MAX 32767
#define USHRT_MAX 65535
#define INT_MAX 0x7fffffff
#define INT_MIN (-INT_MAX - 1)
#define UINT_MAX (~0U)
#define LONG_MAX 0x7fffffffffffffffL
#define LONG_MIN (-LONG_MAX - 1)
#define ULONG_MAX (~0UL)
#define LLONG_MAX 0x7fffffffffffffffLL
#define LLONG_MIN (-LLONG_MAX - 1)
#define ULLONG_MAX (~0ULL)
#define SIZE_MAX (~(size_t)0)
#define SSIZE_MAX ((ssize_t)(SIZE_MAX >> 1))

#define EPERM 1
#define ENOENT 2
#define ESRCH 3
#define EINTR 4
#define EIO 5
#define ENXIO 6
#define E2BIG 7
#define ENOEXEC 8
#define EBADF 9
#define ECHILD 10
#define EAGAIN 11
#define ENOMEM 12
#define EACCES 13
#define EFAULT 14
#define ENOTBLK 15
#define EBUSY 16
#define EEXIST 17
#define EXDEV 18
#define ENODEV 19
#define ENOTDIR 20
#define EISDIR 21
#define EINVAL 22
#define ENFILE 23
#define EMFILE 24
#define ENOTTY 25
#define ETXTBSY 26
#define EFBIG 27
#define ENOSPC 28
#define ESPIPE 29
#define EROFS 30
#define EMLINK 31
#define EPIPE 32
#define EDOM 33
#define ERANGE 34
#define EDEADLK 35
#define ENAMETOOLONG 36
#define ENOLCK 37
#define ENOSYS 38
#define ENOTEMPTY 39
#define ELOOP 40
#define EWOULDBLOCK EAGAIN
#define ENODATA 61
#define ETIME 62
#define ECOMM 70
#define EPROTO 71
#define EBADMSG 74
#define EOVERFLOW 75
#define EILSEQ 84
#define EUSERS 87
#define ENOTSOCK 88
#define EMSGSIZE 90
#define EOPNOTSUPP 95
#define EADDRINUSE 98
#define ENETDOWN 100
#define ENETUNREACH 101
#define ECONNABORTED 103
#define ECONNRESET 104
#define ENOBUFS 105
#define EISCONN 106
#define ENOTCONN 107
#define ESHUTDOWN 108
#define ETIMEDOUT 110
#define ECONNREFUSED 111
#define EHOSTDOWN 112
#define EALREADY 114
#define EINPROGRESS 115
#define ESTALE 116
#define ECANCELED 125
#define ERESTARTSYS 512
#define ERESTARTNOINTR 513
#define ENOIOCTLCMD 515
#define EPROBE_DEFER 517
#define ENOTSUPP 524

/* Locks: their bytes belong to the machine. The first says who has it, the second what it was initialised as, the rest is a count. */
typedef struct raw_spinlock {
	u8 __owner, __magic;
	u16 __count;
} __aligned(4) raw_spinlock_t;
typedef struct spinlock {
	u8 __owner, __magic;
	u16 __count;
} __aligned(4) spinlock_t;
typedef struct rwlock {
	u8 __owner, __magic;
	u16 __count;
} __aligned(4) rwlock_t;
struct rw_semaphore {
	u8 __owner, __magic;
	u16 __count;
} __aligned(4);
struct mutex {
	u8 __owner, __magic;
	u16 __count;
} __aligned(4);
typedef struct local_lock {
	u8 __owner, __magic;
	u16 __count;
} __aligned(4) __local_lock_t;
#ifndef CONFIG_PREEMPT_RT
typedef __local_lock_t local_lock_t;
#endif
struct rt_mutex {
	u8 __owner, __magic;
	u16 __count;
} __aligned(4);
struct semaphore {
	u8 __owner, __magic;
	u16 __count;
} __aligned(4);
struct completion {
	u8 __owner, __magic;
	u16 __count;
} __aligned(4);

/* Tasklets and timers: the first bytes belong to the machine, as those of locks do. */
struct tasklet_struct {
	u8 __runs, __magic, __state, __disabled;
	union {
		void (*callback)(struct tasklet_struct *);
		void (*func)(unsigned long);
	};
	unsigned long data;
};
/* But for the device. */
struct net_device;
struct napi_struct {
	u8 __polls, __magic, __state, __weight;
	int (*poll)(struct napi_struct *, int);
	struct net_device *dev;
};
struct timer_list {
	u8 __runs, __magic;
	u16 __class;
	u8 __armed, __fired, __cpu, __flags;
	void (*function)(struct timer_list *);
	unsigned long expires;
};
enum hrtimer_restart {
	HRTIMER_NORESTART,
	HRTIMER_RESTART,
};
struct hrtimer {
	u8 __runs, __magic;
	u16 __class;
	u8 __armed, __fired, __cpu, __mode;
	enum hrtimer_restart (*function)(struct hrtimer *);
	s64 __expires;
};

#define __IRQ_WORK_MAGIC 20
struct irq_work {
	u8 __runs, __magic, __flags, __cpu;
	void (*func)(struct irq_work *);
};

/* Work items and workqueues: all but the function belongs to the machine. The second byte says what they were initialised as. */
#define __WORK_MAGIC 24
#define __WQ_MAGIC 25
struct work_struct;
typedef void (*work_func_t)(struct work_struct *work);
struct work_struct {
	u8 __pending, __magic;
	u16 __key;
	u8 __pool, __disabled, __requeued, __rest;
	work_func_t func;
};
struct delayed_work {
	struct work_struct work;
};
struct workqueue_struct {
	u8 __state, __magic;
	u16 __key;
	u8 __flags, __max_active;
	u16 __name;
};

/* RCU: the callback aside they belong to the machine. */
struct rcu_head {
	u32 __rest, __offset;
	void (*func)(struct rcu_head *);
};
#define callback_head rcu_head
struct srcu_struct {
	u8 __index, __magic;
	u16 __key;
	u8 __nobodys, __flavour;
	u8 __padding[2];
	u8 __readers[64];
};
struct rcu_work {
	struct work_struct work;
	struct rcu_head rcu;
	struct workqueue_struct *wq;
};
struct rcu_gp_oldstate {
	unsigned long rgos_norm, rgos_exp;
};
struct hlist_nulls_node {
	struct hlist_nulls_node *next, **pprev;
};
struct hlist_nulls_head {
	struct hlist_nulls_node *first;
};

/* What only the lock validator takes for a lock. */
struct lockdep_map {
	u8 __rest, __magic;
	u16 __key;
} __aligned(4);

/* An address space: that of all tasks of the rig. */
struct mm_struct {
	struct rw_semaphore mmap_lock;
};

/* Made by the machine. */
struct task_struct {
	pid_t pid;
	pid_t tgid;
	char comm[16];
	struct mm_struct *mm;
};

typedef struct {
	int counter;
} atomic_t;
typedef struct {
	s64 counter;
} atomic64_t;
typedef atomic64_t atomic_long_t;
typedef struct refcount_struct {
	atomic_t refs;
} refcount_t;

struct list_head {
	struct list_head *next, *prev;
};
struct hlist_node {
	struct hlist_node *next, **pprev;
};
struct hlist_head {
	struct hlist_node *first;
};
struct llist_node {
	struct llist_node *next;
};
struct llist_head {
	struct llist_node *first;
};

struct lock_class_key {
	unsigned char __unused_key;
};

struct module;
struct inode {
	umode_t i_mode;
	void *i_private;
};
struct file_operations;
struct file {
	const struct file_operations *f_op;
	unsigned int f_flags;
	loff_t f_pos;
	void *private_data;
};
struct file_operations {
	struct module *owner;
	loff_t (*llseek)(struct file *, loff_t, int);
	ssize_t (*read)(struct file *, char __user *, size_t, loff_t *);
	ssize_t (*write)(struct file *, const char __user *, size_t, loff_t *);
	long (*unlocked_ioctl)(struct file *, unsigned int, unsigned long);
	long (*compat_ioctl)(struct file *, unsigned int, unsigned long);
	int (*open)(struct inode *, struct file *);
	int (*release)(struct inode *, struct file *);
};
struct device;
