/*
 * What the front end understands beyond C, for a C compiler: its words, and those primitives of the prelude that are not one call. Nothing here
 * is ever run: each stands for the types that it takes and gives.
 */

#define bool _Bool
#define fallthrough __attribute__((__fallthrough__))
#define ANY (-1)
#define __user
#define __rcu
#define __percpu
#define __iomem
#define __LOCKLAB_FREE(name) __attribute__((__cleanup__(__free_##name)))

/* IS_ENABLED(CONFIG_X): 1 if the macro is defined as 1. */
#define __LOCKLAB_SECOND(first, second, ...) second
#define __LOCKLAB_ENABLED_1 ~, 1
#define __LOCKLAB_ENABLED(value) __LOCKLAB_ENABLED_(__LOCKLAB_ENABLED_##value)
#define __LOCKLAB_ENABLED_(pair) __LOCKLAB_SECOND(pair, 0, 0)
#define __LOCKLAB_IS_ENABLED(value) __LOCKLAB_ENABLED(value)
#define IS_ENABLED(option) __LOCKLAB_IS_ENABLED(option)
#define IS_BUILTIN(option) __LOCKLAB_IS_ENABLED(option)
#define IS_REACHABLE(option) __LOCKLAB_IS_ENABLED(option)
#define IS_MODULE(option) 0

/* Guards take their arguments here, and drop nothing: a compiler that only looks at types needs no more. */
#define guard(class) __guard_##class##_take
#define scoped_guard(class, ...) \
	for (int __once = ((void)__guard_##class##_take(__VA_ARGS__), 1); __once; __once = 0)
#define scoped_cond_guard(class, fail, ...) \
	for (int __once = 1; __once; __once = 0) \
		if (!__guard_##class##_take(__VA_ARGS__)) \
			fail; \
		else

/* Accesses. */
#define __kernel_read_once(x) (*(const volatile __typeof__(x) *)&(x))
#define __kernel_write_once(x, value) ((void)(*(volatile __typeof__(x) *)&(x) = (value)))
#define __kernel_load_acquire(pointer) (*(const volatile __typeof__(*(pointer)) *)(pointer))
#define __kernel_store_release(pointer, value) ((void)(*(volatile __typeof__(*(pointer)) *)(pointer) = (value)))
#define __kernel_data_race(expression) (expression)
#define __kernel_atomic(op, fetch, order, pointer, ...) __KERNEL_ATOMIC_##fetch(pointer, __VA_ARGS__)
#define __KERNEL_ATOMIC_OLD(pointer, ...) ({ \
	__typeof__(pointer) __atomic_at = (pointer); \
	*__atomic_at = ((__typeof__(*__atomic_at)[]){ __VA_ARGS__ })[0]; })
#define __KERNEL_ATOMIC_NEW(pointer, ...) __KERNEL_ATOMIC_OLD(pointer, __VA_ARGS__)
#define __KERNEL_ATOMIC_NONE(pointer, ...) ((void)__KERNEL_ATOMIC_OLD(pointer, __VA_ARGS__))

/* Per-CPU data: an address space, of which a C compiler knows nothing. */
#define __kernel_per_cpu_ptr(pointer, cpu) ((void)(cpu), (pointer))
#define __kernel_this_cpu_read(x) (x)
#define __kernel_this_cpu_write(x, value) ((void)((x) = (value)))
#define __kernel_this_cpu(op, fetch, x, ...) __KERNEL_ATOMIC_##fetch(&(x), __VA_ARGS__)
#define __kernel_alloc_percpu(type, gfp) ((type *)__kernel_pointer(1, gfp))

/* Claims. */
#define __LOCKLAB_TRUTH(condition) ({ int __truth = !!(condition); __truth; })
__attribute__((__noreturn__)) void __kernel_bug(void);
#define __kernel_bug_on(condition) __LOCKLAB_TRUTH(condition)
#define __kernel_warn_on(condition) __LOCKLAB_TRUTH(condition)
#define __kernel_lockdep_assert(condition) __LOCKLAB_TRUTH(condition)
#define __kernel_rcu_warn(condition, text) ((void)sizeof(text), __LOCKLAB_TRUTH(condition))
#define __kernel_assert_text(condition, text) ((void)sizeof(text), __LOCKLAB_TRUTH(condition))
#define __kernel_refcount_assert(condition, text) ((void)sizeof(text), __LOCKLAB_TRUTH(condition))
#define __kernel_build_bug_on(condition, ...) ((int)(0 * sizeof(char[1 - 2 * !!(condition)])))

/* Calls whose arguments are not plain values. */
void *__kernel_alloc(__SIZE_TYPE__ size, unsigned int gfp, int zero);
#define __kernel_alloc_as(by, size, gfp, zero) __kernel_alloc(size, gfp, zero)
#define __kernel_free_as(by, pointer) __kernel_free(pointer)
void *__kernel_memcpy(void *to, const void *from, __SIZE_TYPE__ size);
void *__kernel_memset(void *to, int value, __SIZE_TYPE__ size);
__attribute__((__format__(__printf__, 3, 4)))
void *__kernel_kthread_create(int (*function)(void *data), void *data, const char *name, ...);
__attribute__((__format__(__printf__, 4, 5)))
void __kernel_wq_init(void *wq, unsigned int flags, int max_active, const char *name, ...);
__attribute__((__format__(__printf__, 1, 2))) int __kernel_log(const char *format, ...);
#define __kernel_printk(level, most, ...) __kernel_log(__VA_ARGS__)
#define __kernel_printk_plain(most, ...) __kernel_log(__VA_ARGS__)
__attribute__((__noreturn__, __format__(__printf__, 1, 2))) void __kernel_panic(const char *format, ...);
#define __kernel_request_irq(irq, handler, flags, dev) __kernel_int(4, irq, handler, flags, dev)
#define __kernel_request_threaded_irq(irq, handler, thread, flags, dev, name) __kernel_int(6, irq, handler, thread, flags, dev, name)
#define __kernel_time_after(a, b) ((long)((unsigned long)(b) - (unsigned long)(a)) < 0)
