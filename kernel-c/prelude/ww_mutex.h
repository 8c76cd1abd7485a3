/* struct ww_mutex: locks of one class in any order, under an acquire context. Their bytes belong to the machine, but for the context that a lock was taken with. */

struct ww_class {
	unsigned int is_wait_die;
};
struct ww_mutex;
struct ww_acquire_ctx {
	u8 __owner, __magic;
	u16 __class;
	u8 __acquired, __flags;
	u16 __rest;
	struct ww_mutex *contending_lock;
};
struct ww_mutex {
	struct mutex base;
	struct ww_acquire_ctx *ctx;
};
#define DEFINE_WW_CLASS(name) struct ww_class name = { .is_wait_die = 0 }
#define DEFINE_WD_CLASS(name) struct ww_class name = { .is_wait_die = 1 }

static inline void ww_mutex_init(struct ww_mutex *lock, struct ww_class *ww_class) { __kernel_ww_init(lock, ww_class); }
static inline void ww_acquire_init(struct ww_acquire_ctx *ctx, struct ww_class *ww_class) { __kernel_ww_acquire_init(ctx, ww_class); }
static inline void ww_acquire_done(struct ww_acquire_ctx *ctx) { __kernel_ww_acquire_done(ctx); }
static inline void ww_acquire_fini(struct ww_acquire_ctx *ctx) { __kernel_ww_acquire_fini(ctx); }
static inline int __must_check ww_mutex_lock(struct ww_mutex *lock, struct ww_acquire_ctx *ctx)
{
	__kernel_might_sleep();
	return __kernel_ww_acquire_nest(lock, ctx);
}
static inline int __must_check ww_mutex_lock_interruptible(struct ww_mutex *lock, struct ww_acquire_ctx *ctx)
{
	__kernel_might_sleep();
	return __kernel_ww_acquire_nest_interruptible(lock, ctx);
}
/* After backing off from this lock, with no other held: then it cannot fail. */
static inline void ww_mutex_lock_slow(struct ww_mutex *lock, struct ww_acquire_ctx *ctx)
{
	__kernel_assert_text(ctx->contending_lock != NULL, "DEBUG_LOCKS_WARN_ON(!ctx->contending_lock)");
	__kernel_might_sleep();
	__kernel_ww_acquire_nest(lock, ctx);
}
static inline int __must_check ww_mutex_lock_slow_interruptible(struct ww_mutex *lock, struct ww_acquire_ctx *ctx)
{
	__kernel_assert_text(ctx->contending_lock != NULL, "DEBUG_LOCKS_WARN_ON(!ctx->contending_lock)");
	__kernel_might_sleep();
	return __kernel_ww_acquire_nest_interruptible(lock, ctx);
}
static inline int __must_check ww_mutex_trylock(struct ww_mutex *lock, struct ww_acquire_ctx *ctx) { return __kernel_ww_try_acquire(lock, ctx); }
/* Two steps, as mutex_unlock(). */
static inline void ww_mutex_unlock(struct ww_mutex *lock)
{
	__kernel_ww_release(lock);
	__kernel_ww_is_locked(lock);
}
static inline bool ww_mutex_is_locked(struct ww_mutex *lock) { return __kernel_ww_is_locked(lock); }
static inline void ww_mutex_destroy(struct ww_mutex *lock) { __kernel_lockdep_assert(!__kernel_ww_is_locked(lock)); }
