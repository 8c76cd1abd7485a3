/* What the kernel builds from per-CPU variables: counters, reference counts, statistics. */

/*
 * Counters. After lib/percpu_counter.c, with this_cpu_try_cmpxchg(). What the kernel reads there without the lock it does not mark, as a count that is just
 * being changed is as good as one before or after it: here it is marked.
 */
#define percpu_counter_batch (NR_CPUS * 2 > 32 ? NR_CPUS * 2 : 32)
struct percpu_counter {
	raw_spinlock_t lock;
	s64 count;
	s32 __percpu *counters;
};
#define percpu_counter_init(fbc, amount, gfp) ({ \
	struct percpu_counter *__counter = (fbc); \
	raw_spin_lock_init(&__counter->lock); \
	__counter->count = (amount); \
	__counter->counters = alloc_percpu_gfp(s32, gfp); \
	__counter->counters ? 0 : -ENOMEM; })
static void percpu_counter_destroy(struct percpu_counter *fbc)
{
	if (!fbc->counters)
		return;
	free_percpu(fbc->counters);
	fbc->counters = NULL;
}
static inline bool percpu_counter_initialized(struct percpu_counter *fbc) { return fbc->counters != NULL; }
static void percpu_counter_add_batch(struct percpu_counter *fbc, s64 amount, s32 batch)
{
	s32 count = this_cpu_read(*fbc->counters);
	unsigned long flags;

	do {
		if (abs(count + amount) >= batch) {
			raw_spin_lock_irqsave(&fbc->lock, flags);
			/* By now it may be another CPU's, or have changed. */
			count = __this_cpu_read(*fbc->counters);
			WRITE_ONCE(fbc->count, fbc->count + count + amount);
			this_cpu_sub(*fbc->counters, count);
			raw_spin_unlock_irqrestore(&fbc->lock, flags);
			return;
		}
	} while (!this_cpu_try_cmpxchg(*fbc->counters, &count, (s32)(count + amount)));
}
static inline void percpu_counter_add(struct percpu_counter *fbc, s64 amount) { percpu_counter_add_batch(fbc, amount, percpu_counter_batch); }
static inline void percpu_counter_add_local(struct percpu_counter *fbc, s64 amount) { percpu_counter_add_batch(fbc, amount, INT_MAX); }
static inline void percpu_counter_inc(struct percpu_counter *fbc) { percpu_counter_add(fbc, 1); }
static inline void percpu_counter_dec(struct percpu_counter *fbc) { percpu_counter_add(fbc, -1); }
static inline void percpu_counter_sub(struct percpu_counter *fbc, s64 amount) { percpu_counter_add(fbc, -amount); }
static inline void percpu_counter_sub_local(struct percpu_counter *fbc, s64 amount) { percpu_counter_add_local(fbc, -amount); }
static s64 __percpu_counter_sum(struct percpu_counter *fbc)
{
	unsigned long flags;
	s64 sum;
	int cpu;

	raw_spin_lock_irqsave(&fbc->lock, flags);
	sum = fbc->count;
	for_each_online_cpu(cpu)
		sum += READ_ONCE(*per_cpu_ptr(fbc->counters, cpu));
	raw_spin_unlock_irqrestore(&fbc->lock, flags);
	return sum;
}
static inline s64 percpu_counter_sum(struct percpu_counter *fbc) { return __percpu_counter_sum(fbc); }
static inline s64 percpu_counter_sum_positive(struct percpu_counter *fbc)
{
	s64 sum = __percpu_counter_sum(fbc);

	return sum < 0 ? 0 : sum;
}
static inline s64 percpu_counter_read(struct percpu_counter *fbc) { return READ_ONCE(fbc->count); }
static inline s64 percpu_counter_read_positive(struct percpu_counter *fbc)
{
	s64 count = READ_ONCE(fbc->count);

	return count >= 0 ? count : 0;
}
static void percpu_counter_set(struct percpu_counter *fbc, s64 amount)
{
	unsigned long flags;
	int cpu;

	raw_spin_lock_irqsave(&fbc->lock, flags);
	for_each_possible_cpu(cpu)
		WRITE_ONCE(*per_cpu_ptr(fbc->counters, cpu), 0);
	WRITE_ONCE(fbc->count, amount);
	raw_spin_unlock_irqrestore(&fbc->lock, flags);
}
static int __percpu_counter_compare(struct percpu_counter *fbc, s64 rhs, s32 batch)
{
	s64 count = percpu_counter_read(fbc);

	if (abs(count - rhs) > batch * (s64)num_online_cpus())
		return count > rhs ? 1 : -1;
	count = percpu_counter_sum(fbc);
	return count > rhs ? 1 : count < rhs ? -1 : 0;
}
static inline int percpu_counter_compare(struct percpu_counter *fbc, s64 rhs) { return __percpu_counter_compare(fbc, rhs, percpu_counter_batch); }

/*
 * References. After lib/percpu-refcount.c: each CPU counts for itself until the reference is killed; then, one grace period of RCU later, all of them are added
 * to one atomic count, which until then is so high that no put can bring it to 0.
 */
#define __PERCPU_REF_ATOMIC 1UL
#define __PERCPU_REF_DEAD 2UL
#define __PERCPU_REF_FLAGS 3UL
#define __PERCPU_COUNT_BIAS (1L << (BITS_PER_LONG - 1))
#define PERCPU_REF_INIT_ATOMIC 1
#define PERCPU_REF_INIT_DEAD 2
#define PERCPU_REF_ALLOW_REINIT 4
struct percpu_ref;
typedef void (percpu_ref_func_t)(struct percpu_ref *);
struct percpu_ref_data {
	atomic_long_t count;
	percpu_ref_func_t *release, *confirm_switch;
	bool force_atomic, allow_reinit;
	struct rcu_head rcu;
	struct percpu_ref *ref;
};
struct percpu_ref {
	unsigned long percpu_count_ptr;
	struct percpu_ref_data *data;
};
static DEFINE_SPINLOCK(percpu_ref_switch_lock);

static inline unsigned long __percpu *__percpu_ref_count(struct percpu_ref *ref) { return (unsigned long __percpu *)(READ_ONCE(ref->percpu_count_ptr) & ~__PERCPU_REF_FLAGS); }
/* Its counters, or NULL if it does not count by CPU any more. */
static inline unsigned long __percpu *__percpu_ref_percpu(struct percpu_ref *ref)
{
	unsigned long at = READ_ONCE(ref->percpu_count_ptr);

	return at & (__PERCPU_REF_ATOMIC | __PERCPU_REF_DEAD) ? NULL : (unsigned long __percpu *)at;
}
static int percpu_ref_init(struct percpu_ref *ref, percpu_ref_func_t *release, unsigned int flags, gfp_t gfp)
{
	unsigned long __percpu *counts = alloc_percpu_gfp(unsigned long, gfp);
	struct percpu_ref_data *data;
	long start = 0;

	if (!counts)
		return -ENOMEM;
	data = kzalloc(sizeof(*data), gfp);
	if (!data) {
		free_percpu(counts);
		return -ENOMEM;
	}
	data->force_atomic = flags & PERCPU_REF_INIT_ATOMIC;
	data->allow_reinit = flags & PERCPU_REF_ALLOW_REINIT;
	ref->percpu_count_ptr = (unsigned long)counts;
	if (flags & (PERCPU_REF_INIT_ATOMIC | PERCPU_REF_INIT_DEAD))
		ref->percpu_count_ptr |= __PERCPU_REF_ATOMIC;
	else
		start = __PERCPU_COUNT_BIAS;
	if (flags & PERCPU_REF_INIT_DEAD)
		ref->percpu_count_ptr |= __PERCPU_REF_DEAD;
	else
		start++;
	atomic_long_set(&data->count, start);
	data->release = release;
	data->ref = ref;
	ref->data = data;
	return 0;
}
static void __percpu_ref_free_counts(struct percpu_ref *ref)
{
	unsigned long __percpu *counts = __percpu_ref_count(ref);

	if (counts) {
		free_percpu(counts);
		WRITE_ONCE(ref->percpu_count_ptr, __PERCPU_REF_ATOMIC | __PERCPU_REF_DEAD);
	}
}
static void percpu_ref_exit(struct percpu_ref *ref)
{
	struct percpu_ref_data *data = ref->data;
	unsigned long flags;

	__percpu_ref_free_counts(ref);
	if (!data)
		return;
	spin_lock_irqsave(&percpu_ref_switch_lock, flags);
	ref->data = NULL;
	spin_unlock_irqrestore(&percpu_ref_switch_lock, flags);
	kfree(data);
}
static void percpu_ref_get_many(struct percpu_ref *ref, unsigned long nr)
{
	unsigned long __percpu *counts;

	rcu_read_lock();
	counts = __percpu_ref_percpu(ref);
	if (counts)
		this_cpu_add(*counts, nr);
	else
		atomic_long_add(nr, &ref->data->count);
	rcu_read_unlock();
}
static inline void percpu_ref_get(struct percpu_ref *ref) { percpu_ref_get_many(ref, 1); }
static bool percpu_ref_tryget_many(struct percpu_ref *ref, unsigned long nr)
{
	unsigned long __percpu *counts;
	bool got = true;

	rcu_read_lock();
	counts = __percpu_ref_percpu(ref);
	if (counts)
		this_cpu_add(*counts, nr);
	else
		got = atomic_long_add_unless(&ref->data->count, nr, 0);
	rcu_read_unlock();
	return got;
}
static inline bool percpu_ref_tryget(struct percpu_ref *ref) { return percpu_ref_tryget_many(ref, 1); }
static bool percpu_ref_tryget_live(struct percpu_ref *ref)
{
	unsigned long __percpu *counts;
	bool got = false;

	rcu_read_lock();
	counts = __percpu_ref_percpu(ref);
	if (counts) {
		this_cpu_inc(*counts);
		got = true;
	} else if (!(READ_ONCE(ref->percpu_count_ptr) & __PERCPU_REF_DEAD)) {
		got = atomic_long_inc_not_zero(&ref->data->count);
	}
	rcu_read_unlock();
	return got;
}
static void percpu_ref_put_many(struct percpu_ref *ref, unsigned long nr)
{
	unsigned long __percpu *counts;

	rcu_read_lock();
	counts = __percpu_ref_percpu(ref);
	if (counts)
		this_cpu_sub(*counts, nr);
	else if (atomic_long_sub_and_test(nr, &ref->data->count))
		ref->data->release(ref);
	rcu_read_unlock();
}
static inline void percpu_ref_put(struct percpu_ref *ref) { percpu_ref_put_many(ref, 1); }
static inline bool percpu_ref_is_dying(struct percpu_ref *ref) { return READ_ONCE(ref->percpu_count_ptr) & __PERCPU_REF_DEAD; }
static bool percpu_ref_is_zero(struct percpu_ref *ref)
{
	if (__percpu_ref_percpu(ref))
		return false;
	return ref->data ? atomic_long_read(&ref->data->count) == 0 : true;
}
static void __percpu_ref_switched(struct rcu_head *rcu)
{
	struct percpu_ref_data *data = container_of(rcu, struct percpu_ref_data, rcu);
	struct percpu_ref *ref = data->ref;
	unsigned long __percpu *counts = __percpu_ref_count(ref);
	unsigned long count = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		count += *per_cpu_ptr(counts, cpu);
	atomic_long_add((long)count - __PERCPU_COUNT_BIAS, &data->count);
	WARN_ONCE(atomic_long_read(&data->count) <= 0, "percpu ref <= 0 after switching to atomic");
	if (data->confirm_switch)
		data->confirm_switch(ref);
	data->confirm_switch = NULL;
	if (!data->allow_reinit)
		__percpu_ref_free_counts(ref);
	percpu_ref_put(ref);
}
static void percpu_ref_kill_and_confirm(struct percpu_ref *ref, percpu_ref_func_t *confirm_kill)
{
	unsigned long flags;

	spin_lock_irqsave(&percpu_ref_switch_lock, flags);
	WARN_ONCE(percpu_ref_is_dying(ref), "percpu_ref_kill_and_confirm called more than once");
	WRITE_ONCE(ref->percpu_count_ptr, ref->percpu_count_ptr | __PERCPU_REF_DEAD);
	if (!(ref->percpu_count_ptr & __PERCPU_REF_ATOMIC)) {
		WRITE_ONCE(ref->percpu_count_ptr, ref->percpu_count_ptr | __PERCPU_REF_ATOMIC);
		ref->data->confirm_switch = confirm_kill;
		percpu_ref_get(ref);
		call_rcu_hurry(&ref->data->rcu, __percpu_ref_switched);
	} else if (confirm_kill) {
		confirm_kill(ref);
	}
	percpu_ref_put(ref);
	spin_unlock_irqrestore(&percpu_ref_switch_lock, flags);
}
static inline void percpu_ref_kill(struct percpu_ref *ref) { percpu_ref_kill_and_confirm(ref, NULL); }

/* Statistics, as on a 64-bit machine: a counter is read in one piece, and the section of its writer is none (include/linux/u64_stats_sync.h). */
struct u64_stats_sync {
};
typedef struct {
	atomic64_t v;
} u64_stats_t;
static inline u64 u64_stats_read(const u64_stats_t *p) { return atomic64_read(&p->v); }
static inline void u64_stats_set(u64_stats_t *p, u64 value) { atomic64_set(&p->v, value); }
static inline void u64_stats_add(u64_stats_t *p, unsigned long value) { atomic64_add(value, &p->v); }
static inline void u64_stats_inc(u64_stats_t *p) { atomic64_inc(&p->v); }
#define u64_stats_init(syncp) ((void)(syncp))
#define u64_stats_update_begin(syncp) ((void)(syncp))
#define u64_stats_update_end(syncp) ((void)(syncp))
#define u64_stats_update_begin_irqsave(syncp) ({ (void)(syncp); 0UL; })
#define u64_stats_update_end_irqrestore(syncp, flags) ((void)(syncp), (void)(flags))
#define u64_stats_fetch_begin(syncp) ({ (void)(syncp); 0U; })
#define u64_stats_fetch_retry(syncp, start) ({ (void)(syncp); (void)(start); false; })
