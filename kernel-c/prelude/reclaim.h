/* Shrinkers (mm/shrinker.c), and who calls them when memory is short: whoever allocates, and kswapd (mm/vmscan.c). */

#define SHRINK_STOP (~0UL)
#define SHRINK_EMPTY (~0UL - 1)
#define SHRINK_BATCH 128
#define DEFAULT_SEEKS 2
#define SHRINKER_REGISTERED 1
#define SHRINKER_ALLOCATED 2
#define SHRINKER_NUMA_AWARE 4
#define SHRINKER_MEMCG_AWARE 8
#define SHRINKER_NONSLAB 16
struct shrink_control {
	gfp_t gfp_mask;
	int nid;
	unsigned long nr_to_scan;
	unsigned long nr_scanned;
};
struct shrinker {
	unsigned long (*count_objects)(struct shrinker *, struct shrink_control *sc);
	unsigned long (*scan_objects)(struct shrinker *, struct shrink_control *sc);
	long batch;
	int seeks;
	unsigned int flags;
	void *private_data;
};

#ifdef __NAMES_SHRINKERS
/* Who scans holds a reference, and who unregisters waits for the last. */
#define __MAX_SHRINKERS 2
static struct __registered_shrinker {
	struct shrinker *shrinker;
	atomic_t references;
	struct completion done;
} __shrinkers[__MAX_SHRINKERS];

static void __do_shrink_slab(struct shrinker *shrinker, gfp_t gfp)
{
	struct shrink_control sc = { .gfp_mask = gfp };
	unsigned long freeable = shrinker->count_objects(shrinker, &sc);

	if (!freeable || freeable == SHRINK_EMPTY)
		return;
	sc.nr_to_scan = freeable < SHRINK_BATCH ? freeable : SHRINK_BATCH;
	sc.nr_scanned = sc.nr_to_scan;
	shrinker->scan_objects(shrinker, &sc);
}
static void __shrink_slab(gfp_t gfp)
{
	int i;

	for (i = 0; i < __MAX_SHRINKERS; i++) {
		if (!atomic_inc_not_zero(&__shrinkers[i].references))
			continue;
		__do_shrink_slab(READ_ONCE(__shrinkers[i].shrinker), gfp);
		if (atomic_dec_and_test(&__shrinkers[i].references))
			complete(&__shrinkers[i].done);
	}
}
/* As the kernel does for /proc/sys/vm/drop_caches. */
static void drop_slab(void) { __shrink_slab(GFP_KERNEL); }
static void __direct_reclaim(gfp_t gfp)
{
	unsigned int flags;

	fs_reclaim_acquire(gfp);
	flags = memalloc_noreclaim_save();
	__shrink_slab(current_gfp_context(gfp));
	memalloc_noreclaim_restore(flags);
	fs_reclaim_release(gfp);
}
/* Goes on as long as memory is short: then it is as good as asleep. */
static int __kswapd(void *unused)
{
	while (__kernel_reclaims())
		__direct_reclaim(GFP_KERNEL);
	return 0;
}
static int __kswapd_runs;
static int __add_shrinker(struct shrinker *shrinker)
{
	int i;

	for (i = 0; i < __MAX_SHRINKERS; i++) {
		if (cmpxchg(&__shrinkers[i].shrinker, NULL, shrinker))
			continue;
		init_completion(&__shrinkers[i].done);
		atomic_set(&__shrinkers[i].references, 1);
		if (!xchg(&__kswapd_runs, 1))
			kthread_run(__kswapd, NULL, "kswapd0");
		return 0;
	}
	return -ENOSPC;
}
static void __remove_shrinker(struct shrinker *shrinker)
{
	int i;

	__kernel_might_sleep();
	for (i = 0; i < __MAX_SHRINKERS; i++) {
		if (READ_ONCE(__shrinkers[i].shrinker) != shrinker)
			continue;
		if (!atomic_dec_and_test(&__shrinkers[i].references))
			__kernel_completion_wait(&__shrinkers[i].done);
		WRITE_ONCE(__shrinkers[i].shrinker, NULL);
	}
}
/* Since 6.7. The arguments behind the flags name it. */
#define shrinker_alloc(flags, ...) ((struct shrinker *)kzalloc(sizeof(struct shrinker), GFP_KERNEL))
static inline void shrinker_register(struct shrinker *shrinker)
{
	__kernel_might_sleep();
	__kernel_warn_on(__add_shrinker(shrinker));
}
static inline void shrinker_free(struct shrinker *shrinker)
{
	if (!shrinker)
		return;
	__remove_shrinker(shrinker);
	kfree(shrinker);
}
/* Before that. */
static inline int __register_shrinker(struct shrinker *shrinker) { __kernel_might_sleep(); return __add_shrinker(shrinker); }
#define register_shrinker(shrinker, ...) __register_shrinker(shrinker)
static inline void unregister_shrinker(struct shrinker *shrinker) { __remove_shrinker(shrinker); }
#endif
