/* Memory of user space, and the lock of its address space that a fault takes. */

static inline void pagefault_disable(void) { __kernel_pagefault_disable(); }
static inline void pagefault_enable(void) { __kernel_pagefault_enable(); }
static inline bool pagefault_disabled(void) { return __kernel_pagefault_disabled(); }
static inline bool faulthandler_disabled(void) { return __kernel_pagefault_disabled() || __kernel_in_atomic(); }

/* A page that is not there is faulted in under the lock of the address space; only scenarios that name that lock have it. */
#ifdef __NAMES_MMAP_LOCK
static struct mm_struct __user_mm = { .mmap_lock = __RWSEM_INITIALIZER(mmap_lock) };
#define mm_init(mm) init_rwsem(&(mm)->mmap_lock)
static inline void mmap_init_lock(struct mm_struct *mm) { init_rwsem(&mm->mmap_lock); }
/* Names the object, so that a program that looks at current->mm has it. */
static inline struct rw_semaphore *__mmap_lock(struct mm_struct *mm)
{
	struct mm_struct *unused = &__user_mm;

	(void)unused;
	return &mm->mmap_lock;
}
static inline void mmap_read_lock(struct mm_struct *mm) { down_read(__mmap_lock(mm)); }
static inline int mmap_read_lock_killable(struct mm_struct *mm) { return down_read_killable(__mmap_lock(mm)); }
static inline bool mmap_read_trylock(struct mm_struct *mm) { return down_read_trylock(__mmap_lock(mm)); }
static inline void mmap_read_unlock(struct mm_struct *mm) { up_read(__mmap_lock(mm)); }
static inline void mmap_write_lock(struct mm_struct *mm) { down_write(__mmap_lock(mm)); }
#define mmap_write_lock_nested(mm, subclass) down_write_nested(__mmap_lock(mm), subclass)
static inline int mmap_write_lock_killable(struct mm_struct *mm) { return down_write_killable(__mmap_lock(mm)); }
static inline bool mmap_write_trylock(struct mm_struct *mm) { return down_write_trylock(__mmap_lock(mm)); }
static inline void mmap_write_unlock(struct mm_struct *mm) { up_write(__mmap_lock(mm)); }
static inline void mmap_write_downgrade(struct mm_struct *mm) { downgrade_write(__mmap_lock(mm)); }
static inline void mmap_assert_locked(struct mm_struct *mm) { rwsem_assert_held(__mmap_lock(mm)); }
static inline void mmap_assert_write_locked(struct mm_struct *mm) { rwsem_assert_held_write(__mmap_lock(mm)); }
#define mmap_lock_is_contended(mm) 0
static inline void __guard_mmap_read_lock_take(struct mm_struct *mm) { mmap_read_lock(mm); }
static inline void __guard_mmap_read_lock_drop(struct mm_struct *mm) { mmap_read_unlock(mm); }
static inline void __fault_in(void)
{
	if (!faulthandler_disabled() && __kernel_page_fault()) {
		__kernel_rwsem_read_acquire(&__user_mm.mmap_lock, 0);
		__kernel_rwsem_read_release(&__user_mm.mmap_lock);
	}
}
#else
static inline void __fault_in(void) { }
#endif
static inline void might_fault(void)
{
	if (__kernel_pagefault_disabled())
		return;
	__kernel_might_sleep();
#ifdef __NAMES_MMAP_LOCK
	__kernel_might_lock_read(&__user_mm.mmap_lock);
#endif
}

static inline unsigned long __copy_to_user_inatomic(void __user *to, const void *from, unsigned long n) { return __kernel_copy_to_user(to, from, n); }
static inline unsigned long __copy_from_user_inatomic(void *to, const void __user *from, unsigned long n) { return __kernel_copy_from_user(to, from, n); }
static inline long copy_to_user_nofault(void __user *to, const void *from, size_t n) { return __kernel_copy_to_user(to, from, n) ? -EFAULT : 0; }
static inline long copy_from_user_nofault(void *to, const void __user *from, size_t n) { return __kernel_copy_from_user(to, from, n) ? -EFAULT : 0; }
static inline unsigned long copy_to_user(void __user *to, const void *from, unsigned long n)
{
	might_fault();
	__fault_in();
	return __kernel_copy_to_user(to, from, n);
}
static inline unsigned long copy_from_user(void *to, const void __user *from, unsigned long n)
{
	might_fault();
	__fault_in();
	return __kernel_copy_from_user(to, from, n);
}
static inline unsigned long __copy_to_user(void __user *to, const void *from, unsigned long n) { return copy_to_user(to, from, n); }
static inline unsigned long __copy_from_user(void *to, const void __user *from, unsigned long n) { return copy_from_user(to, from, n); }
#define put_user(value, pointer) ({ \
	typeof(*(pointer)) __user_value = (value); \
	copy_to_user(pointer, &__user_value, sizeof(__user_value)) ? -EFAULT : 0; })
#define get_user(variable, pointer) ({ \
	typeof(*(pointer)) __user_value; \
	int __user_error = copy_from_user(&__user_value, pointer, sizeof(__user_value)) ? -EFAULT : 0; \
	(variable) = __user_error ? (typeof(variable))0 : (typeof(variable))__user_value; \
	__user_error; })
#define __put_user(value, pointer) put_user(value, pointer)
#define __get_user(variable, pointer) get_user(variable, pointer)
static inline int access_ok(const void __user *p, unsigned long size) { return 1; }

static const char __zeros[64] = { 0 };
static unsigned long clear_user(void __user *to, unsigned long n)
{
	while (n) {
		unsigned long part = n < sizeof(__zeros) ? n : sizeof(__zeros);

		if (copy_to_user(to, __zeros, part))
			break;
		to += part;
		n -= part;
	}
	return n;
}
static inline unsigned long __clear_user(void __user *to, unsigned long n) { return clear_user(to, n); }
static long strncpy_from_user(char *to, const char __user *from, long count)
{
	if (count <= 0)
		return 0;
	if (copy_from_user(to, from, count))
		return -EFAULT;
	return __string_length(to, count);
}
static inline void *__from_user(void *to, const void __user *from, size_t size)
{
	if (!to)
		return ERR_PTR(-ENOMEM);
	if (copy_from_user(to, from, size)) {
		__kernel_free_as(KVMALLOC, to);
		return ERR_PTR(-EFAULT);
	}
	return to;
}
static inline void *memdup_user(const void __user *from, size_t size) { __before_alloc(GFP_USER); return __from_user(__kernel_alloc(size, GFP_USER, 0), from, size); }
static inline void *vmemdup_user(const void __user *from, size_t size) { __before_alloc(GFP_USER); return __from_user(__kernel_alloc_as(KVMALLOC, size, GFP_USER, 0), from, size); }
/* Whether user memory is all zeros: 1, 0 or -EFAULT. */
static int check_zeroed_user(const void __user *from, size_t size)
{
	size_t i;
	char c;

	for (i = 0; i < size; i++) {
		if (copy_from_user(&c, from + i, 1))
			return -EFAULT;
		if (c)
			return 0;
	}
	return 1;
}
static int copy_struct_from_user(void *to, size_t ksize, const void __user *from, size_t usize)
{
	size_t size = usize < ksize ? usize : ksize;

	if (usize < ksize)
		memset(to + usize, 0, ksize - usize);
	if (usize > ksize) {
		int zeroed = check_zeroed_user(from + ksize, usize - ksize);

		if (zeroed <= 0)
			return zeroed ? zeroed : -E2BIG;
	}
	return copy_from_user(to, from, size) ? -EFAULT : 0;
}
