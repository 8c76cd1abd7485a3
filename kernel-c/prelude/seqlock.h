/* Sequence counters and locks. All that a writer and a reader do in their sections counts as marked, as KCSAN has it. */

typedef struct seqcount {
	unsigned sequence;
} seqcount_t;
#define __SEQCOUNT(name, type) \
typedef struct seqcount_##name { \
	unsigned sequence; \
	type *lock; \
} seqcount_##name##_t; \
static inline void seqcount_##name##_init(seqcount_##name##_t *s, type *lock) { WRITE_ONCE(s->sequence, 0); WRITE_ONCE(s->lock, lock); }
__SEQCOUNT(raw_spinlock, raw_spinlock_t)
__SEQCOUNT(spinlock, spinlock_t)
__SEQCOUNT(rwlock, rwlock_t)
__SEQCOUNT(mutex, struct mutex)
#define SEQCNT_ZERO(name) { .sequence = 0 }
#define SEQCNT_RAW_SPINLOCK_ZERO(name, with) { .sequence = 0, .lock = (with) }
#define SEQCNT_SPINLOCK_ZERO(name, with) { .sequence = 0, .lock = (with) }
#define SEQCNT_RWLOCK_ZERO(name, with) { .sequence = 0, .lock = (with) }
#define SEQCNT_MUTEX_ZERO(name, with) { .sequence = 0, .lock = (with) }
static inline void seqcount_init(seqcount_t *s) { WRITE_ONCE(s->sequence, 0); }

/* The writer's side must be serialised: by the lock that the counter is associated with, or by whoever turned preemption off. */
#define __seqcount_is(s, type) __builtin_types_compatible_p(typeof(*(s)), type)
#define __seqcount_assert(s) \
	__builtin_choose_expr(__seqcount_is(s, seqcount_t), lockdep_assert_preemption_disabled(), lockdep_assert_held((s)->lock))
#ifdef CONFIG_PREEMPT_RT
/* A writer may be preempted, by the reader perhaps: who waits for its lock lets it go on. */
#define __seqcount_sleeps(s) 0
#define __seqcount_wait(s, take, drop) ({ \
	while (READ_ONCE((s)->sequence) & 1) { \
		take; \
		drop; \
	} \
	0; })
#define __seqcount_let_write(s) \
	__builtin_choose_expr(__seqcount_is(s, seqcount_spinlock_t), __seqcount_wait(s, spin_lock((s)->lock), spin_unlock((s)->lock)), \
	__builtin_choose_expr(__seqcount_is(s, seqcount_mutex_t), __seqcount_wait(s, mutex_lock((s)->lock), mutex_unlock((s)->lock)), \
	__builtin_choose_expr(__seqcount_is(s, seqcount_rwlock_t), __seqcount_wait(s, read_lock((s)->lock), read_unlock((s)->lock)), 0)))
#else
#define __seqcount_sleeps(s) __seqcount_is(s, seqcount_mutex_t)
#define __seqcount_let_write(s) 0
#endif

static unsigned __seqcount_read(const unsigned *sequence)
{
	unsigned seen;

	while ((seen = READ_ONCE(*sequence)) & 1)
		cpu_relax();
	return seen;
}
static inline void __seqcount_step(unsigned *sequence) { WRITE_ONCE(*sequence, *sequence + 1); }
#define __read_seqcount_begin(s) ({ (void)__seqcount_let_write(s); unsigned __seen = __seqcount_read(&(s)->sequence); __kernel_reads_atomically(1); __seen; })
#define __read_seqcount_retry(s, start) ({ __kernel_reads_atomically(0); READ_ONCE((s)->sequence) != (start); })
#define read_seqcount_begin(s) __read_seqcount_begin(s)
#define raw_read_seqcount_begin(s) __read_seqcount_begin(s)
#define read_seqcount_retry(s, start) __read_seqcount_retry(s, start)
#define raw_read_seqcount(s) ({ unsigned __seen = READ_ONCE((s)->sequence); __kernel_reads_atomically(1); __seen; })
#define raw_seqcount_begin(s) ({ unsigned __seen = READ_ONCE((s)->sequence); __kernel_reads_atomically(1); __seen & ~1u; })

#define raw_write_seqcount_begin(s) do { \
	if (__seqcount_sleeps(s)) \
		preempt_disable(); \
	__kernel_writes_atomically(1); \
	__seqcount_step(&(s)->sequence); \
} while (0)
#define raw_write_seqcount_end(s) do { \
	__seqcount_step(&(s)->sequence); \
	__kernel_writes_atomically(0); \
	if (__seqcount_sleeps(s)) \
		preempt_enable(); \
} while (0)
#define write_seqcount_begin_nested(s, subclass) do { __seqcount_assert(s); raw_write_seqcount_begin(s); } while (0)
#define write_seqcount_begin(s) do { __seqcount_assert(s); raw_write_seqcount_begin(s); } while (0)
#define write_seqcount_end(s) raw_write_seqcount_end(s)
#define write_seqcount_invalidate(s) do { \
	__kernel_writes_atomically(1); \
	WRITE_ONCE((s)->sequence, (s)->sequence + 2); \
	__kernel_writes_atomically(0); \
} while (0)

/* A latch: two copies, and readers take the one that is not being written. */
typedef struct {
	unsigned sequence;
} seqcount_latch_t;
#define SEQCNT_LATCH_ZERO(name) { .sequence = 0 }
static inline void seqcount_latch_init(seqcount_latch_t *s) { WRITE_ONCE(s->sequence, 0); }
static inline unsigned read_seqcount_latch(const seqcount_latch_t *s) { __kernel_reads_atomically(1); return READ_ONCE(s->sequence); }
static inline int read_seqcount_latch_retry(const seqcount_latch_t *s, unsigned start) { __kernel_reads_atomically(0); return READ_ONCE(s->sequence) != start; }
static inline void write_seqcount_latch_begin(seqcount_latch_t *s) { __kernel_writes_atomically(1); __seqcount_step(&s->sequence); }
static inline void write_seqcount_latch(seqcount_latch_t *s) { __seqcount_step(&s->sequence); }
static inline void write_seqcount_latch_end(seqcount_latch_t *s) { __kernel_writes_atomically(0); }
static inline void raw_write_seqcount_latch(seqcount_latch_t *s) { __seqcount_step(&s->sequence); }

/* A sequence counter with a spinlock of its own. */
typedef struct seqlock {
	seqcount_t seqcount;
	spinlock_t lock;
} seqlock_t;
#define __SEQLOCK_UNLOCKED(name) { .lock = __SPIN_LOCK_UNLOCKED(name) }
#define DEFINE_SEQLOCK(name) seqlock_t name = __SEQLOCK_UNLOCKED(name)
#define seqlock_init(s) do { seqcount_init(&(s)->seqcount); spin_lock_init(&(s)->lock); } while (0)
static unsigned read_seqbegin(const seqlock_t *s)
{
#ifdef CONFIG_PREEMPT_RT
	__seqcount_wait(&s->seqcount, spin_lock((spinlock_t *)&s->lock), spin_unlock((spinlock_t *)&s->lock));
#endif
	return __read_seqcount_begin(&s->seqcount);
}
static unsigned read_seqretry(const seqlock_t *s, unsigned start) { return __read_seqcount_retry(&s->seqcount, start); }
#define __SEQLOCK_WRITER(suffix) \
static inline void write_seqlock##suffix(seqlock_t *s) { spin_lock##suffix(&s->lock); raw_write_seqcount_begin(&s->seqcount); } \
static inline void write_sequnlock##suffix(seqlock_t *s) { raw_write_seqcount_end(&s->seqcount); spin_unlock##suffix(&s->lock); } \
static inline void read_seqlock_excl##suffix(seqlock_t *s) { spin_lock##suffix(&s->lock); } \
static inline void read_sequnlock_excl##suffix(seqlock_t *s) { spin_unlock##suffix(&s->lock); }
__SEQLOCK_WRITER()
__SEQLOCK_WRITER(_bh)
__SEQLOCK_WRITER(_irq)
#define write_seqlock_irqsave(s, flags) do { spin_lock_irqsave(&(s)->lock, flags); raw_write_seqcount_begin(&(s)->seqcount); } while (0)
static inline void write_sequnlock_irqrestore(seqlock_t *s, unsigned long flags) { raw_write_seqcount_end(&s->seqcount); spin_unlock_irqrestore(&s->lock, flags); }
#define read_seqlock_excl_irqsave(s, flags) spin_lock_irqsave(&(s)->lock, flags)
static inline void read_sequnlock_excl_irqrestore(seqlock_t *s, unsigned long flags) { spin_unlock_irqrestore(&s->lock, flags); }
static inline void read_seqbegin_or_lock(seqlock_t *lock, int *seq)
{
	if (!(*seq & 1))
		*seq = read_seqbegin(lock);
	else
		read_seqlock_excl(lock);
}
static inline int need_seqretry(seqlock_t *lock, int seq) { return !(seq & 1) && read_seqretry(lock, seq); }
static inline void done_seqretry(seqlock_t *lock, int seq)
{
	if (seq & 1)
		read_sequnlock_excl(lock);
}
