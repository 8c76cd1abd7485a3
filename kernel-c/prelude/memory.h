/* Memory: what an allocation may do, kmalloc(), vmalloc(), pages. */

#define ___GFP_HIGH 0x20u
#define ___GFP_IO 0x40u
#define ___GFP_FS 0x80u
#define ___GFP_ZERO 0x100u
#define ___GFP_DIRECT_RECLAIM 0x400u
#define ___GFP_KSWAPD_RECLAIM 0x800u
#define __GFP_DMA 0x1u
#define __GFP_HIGHMEM 0x2u
#define __GFP_DMA32 0x4u
#define __GFP_MOVABLE 0x8u
#define __GFP_RECLAIMABLE 0x10u
#define __GFP_HIGH ___GFP_HIGH
#define __GFP_IO ___GFP_IO
#define __GFP_FS ___GFP_FS
#define __GFP_ZERO ___GFP_ZERO
#define __GFP_DIRECT_RECLAIM ___GFP_DIRECT_RECLAIM
#define __GFP_KSWAPD_RECLAIM ___GFP_KSWAPD_RECLAIM
#define __GFP_RECLAIM (___GFP_DIRECT_RECLAIM | ___GFP_KSWAPD_RECLAIM)
#define __GFP_NOWARN 0x2000u
#define __GFP_RETRY_MAYFAIL 0x4000u
#define __GFP_NOFAIL 0x8000u
#define __GFP_NORETRY 0x10000u
#define __GFP_MEMALLOC 0x20000u
#define __GFP_COMP 0x40000u
#define __GFP_NOMEMALLOC 0x80000u
#define __GFP_HARDWALL 0x100000u
#define __GFP_THISNODE 0x200000u
#define __GFP_ACCOUNT 0x400000u
#define __GFP_NOLOCKDEP 0x4000000u
#define GFP_ATOMIC (__GFP_HIGH | __GFP_KSWAPD_RECLAIM)
#define GFP_KERNEL (__GFP_RECLAIM | __GFP_IO | __GFP_FS)
#define GFP_KERNEL_ACCOUNT (GFP_KERNEL | __GFP_ACCOUNT)
#define GFP_NOWAIT (__GFP_KSWAPD_RECLAIM | __GFP_NOWARN)
#define GFP_NOIO __GFP_RECLAIM
#define GFP_NOFS (__GFP_RECLAIM | __GFP_IO)
#define GFP_USER (GFP_KERNEL | __GFP_HARDWALL)
#define GFP_HIGHUSER (GFP_USER | __GFP_HIGHMEM)
#define GFP_DMA __GFP_DMA
#define GFP_DMA32 __GFP_DMA32
#define KMALLOC_MAX_SIZE (1UL << 22)
#define ARCH_KMALLOC_MINALIGN 8
#define ZERO_SIZE_PTR ((void *)16)
#define ZERO_OR_NULL_PTR(p) ((unsigned long)(p) <= (unsigned long)ZERO_SIZE_PTR)
static inline bool gfpflags_allow_blocking(const gfp_t gfp) { return !!(gfp & __GFP_DIRECT_RECLAIM); }

/* What every allocation of a task is kept from doing for a while (include/linux/sched/mm.h): the numbers are the machine's. */
#define __MEMALLOC_NOFS 1
#define __MEMALLOC_NOIO 2
#define __MEMALLOC_NORECLAIM 4
static inline unsigned int memalloc_nofs_save(void) { return __kernel_memalloc_save(__MEMALLOC_NOFS); }
static inline void memalloc_nofs_restore(unsigned int flags) { __kernel_memalloc_restore(flags); }
static inline unsigned int memalloc_noio_save(void) { return __kernel_memalloc_save(__MEMALLOC_NOIO); }
static inline void memalloc_noio_restore(unsigned int flags) { __kernel_memalloc_restore(flags); }
static inline unsigned int memalloc_noreclaim_save(void) { return __kernel_memalloc_save(__MEMALLOC_NORECLAIM); }
static inline void memalloc_noreclaim_restore(unsigned int flags) { __kernel_memalloc_restore(flags); }
static inline unsigned int __guard_memalloc_nofs_take(void) { return memalloc_nofs_save(); }
static inline void __guard_memalloc_nofs_drop(unsigned int flags) { memalloc_nofs_restore(flags); }
static inline unsigned int __guard_memalloc_noio_take(void) { return memalloc_noio_save(); }
static inline void __guard_memalloc_noio_drop(unsigned int flags) { memalloc_noio_restore(flags); }
static inline gfp_t current_gfp_context(gfp_t gfp)
{
	unsigned int scope = __kernel_memalloc_flags();

	if (scope & __MEMALLOC_NOIO)
		return gfp & ~(__GFP_IO | __GFP_FS);
	return scope & __MEMALLOC_NOFS ? gfp & ~__GFP_FS : gfp;
}
static inline bool __need_reclaim(gfp_t gfp)
{
	return (gfp & __GFP_DIRECT_RECLAIM) && !(__kernel_memalloc_flags() & __MEMALLOC_NORECLAIM);
}

/* An allocation that may wait for reclaim touches this map, and reclaim holds it (mm/page_alloc.c): only scenarios that say what reclaim does have it. */
#ifdef __NAMES_RECLAIM
static struct lockdep_map fs_reclaim = { .__magic = __MAP_MAGIC };
static inline bool __touches_fs_reclaim(gfp_t gfp)
{
	return __need_reclaim(gfp) && !(gfp & __GFP_NOLOCKDEP) && (current_gfp_context(gfp) & __GFP_FS);
}
static inline void fs_reclaim_acquire(gfp_t gfp)
{
	if (__touches_fs_reclaim(gfp))
		__kernel_map_acquire(&fs_reclaim);
}
static inline void fs_reclaim_release(gfp_t gfp)
{
	if (__touches_fs_reclaim(gfp))
		__kernel_map_release(&fs_reclaim);
}
#endif
static inline void might_alloc(gfp_t gfp)
{
#ifdef __NAMES_RECLAIM
	if (__touches_fs_reclaim(gfp))
		__kernel_might_lock(&fs_reclaim);
#endif
	__kernel_might_alloc(gfp);
}

/* What comes before memory is given: where there are shrinkers, it may have to be won back first. */
#ifdef __NAMES_SHRINKERS
static void __direct_reclaim(gfp_t gfp);
static inline void __before_alloc(gfp_t gfp)
{
	might_alloc(gfp);
	if (__need_reclaim(gfp) && __kernel_reclaims())
		__direct_reclaim(gfp);
}
#else
static inline void __before_alloc(gfp_t gfp) { might_alloc(gfp); }
#endif

/* kmalloc() */
static inline void *kmalloc(size_t size, gfp_t gfp) { __before_alloc(gfp); return __kernel_alloc(size, gfp, 0); }
static inline void *kzalloc(size_t size, gfp_t gfp) { __before_alloc(gfp); return __kernel_alloc(size, gfp, 1); }
static inline void *kmalloc_node(size_t size, gfp_t gfp, int node) { __before_alloc(gfp); return __kernel_alloc(size, gfp, 0); }
static inline void *kzalloc_node(size_t size, gfp_t gfp, int node) { __before_alloc(gfp); return __kernel_alloc(size, gfp, 1); }
/* A product that overflows is more than there can be. */
static inline size_t size_mul(size_t a, size_t b) { return a && b > SIZE_MAX / a ? SIZE_MAX : a * b; }
static inline size_t array_size(size_t a, size_t b) { return size_mul(a, b); }
static inline size_t size_add(size_t a, size_t b) { return a + b < a ? SIZE_MAX : a + b; }
#define struct_size(p, member, count) size_add(sizeof(*(p)), size_mul(sizeof(*(p)->member), count))
static inline void *kmalloc_array(size_t n, size_t size, gfp_t gfp) { __before_alloc(gfp); return __kernel_alloc(size_mul(size, n), gfp, 0); }
static inline void *kcalloc(size_t n, size_t size, gfp_t gfp) { __before_alloc(gfp); return __kernel_alloc(size_mul(size, n), gfp, 1); }
static inline void *kmalloc_array_node(size_t n, size_t size, gfp_t gfp, int node) { return kmalloc_array(n, size, gfp); }
static inline void *kcalloc_node(size_t n, size_t size, gfp_t gfp, int node) { return kcalloc(n, size, gfp); }
#define kmalloc_obj(object, ...) ((typeof(object) *)kmalloc(sizeof(object), GFP_KERNEL))
#define kzalloc_obj(object, ...) ((typeof(object) *)kzalloc(sizeof(object), GFP_KERNEL))
static inline void kfree(const void *p) { __kernel_free(p); }
static inline void kfree_sensitive(const void *p) { __kernel_free(p); }
static inline void kfree_const(const void *p) { __kernel_free(p); }
DEFINE_FREE(kfree, void *, if (!IS_ERR_OR_NULL(_T)) kfree(_T))
/* What was asked for: the kernel's ksize() may give more. */
static inline size_t ksize(const void *p) { return __kernel_alloc_size(p); }

static inline void *__copied(void *to, const void *from, size_t size)
{
	if (to)
		memcpy(to, from, size);
	return to;
}
static inline void *kmemdup(const void *from, size_t size, gfp_t gfp) { __before_alloc(gfp); return __copied(__kernel_alloc(size, gfp, 0), from, size); }
static inline void *kmemdup_array(const void *from, size_t n, size_t size, gfp_t gfp) { return kmemdup(from, size_mul(size, n), gfp); }
static size_t __string_length(const char *s, size_t most)
{
	size_t length = 0;

	while (length < most && s[length])
		length++;
	return length;
}
static inline void *__copied_string(void *to, const char *from, size_t length)
{
	if (to) {
		memcpy(to, from, length);
		((char *)to)[length] = 0;
	}
	return to;
}
static inline char *kstrndup(const char *s, size_t most, gfp_t gfp)
{
	size_t length = s ? __string_length(s, most) : 0;

	if (!s)
		return NULL;
	__before_alloc(gfp);
	return __copied_string(__kernel_alloc(length + 1, gfp, 0), s, length);
}
static inline char *kstrdup(const char *s, gfp_t gfp) { return kstrndup(s, SIZE_MAX, gfp); }
static inline const char *kstrdup_const(const char *s, gfp_t gfp) { return kstrdup(s, gfp); }
/* It moves to grow, and stays to shrink: the kernel may also stay where its bucket has room. */
static inline void *__moved(void *to, const void *from, size_t size)
{
	if (to && from) {
		memcpy(to, from, size);
		__kernel_free(from);
	}
	return to;
}
static inline void *krealloc(const void *p, size_t size, gfp_t gfp)
{
	size_t old = ZERO_OR_NULL_PTR(p) ? 0 : __kernel_alloc_size(p);

	if (!size) {
		__kernel_free(p);
		return ZERO_SIZE_PTR;
	}
	if (size <= old)
		return (void *)p;
	__before_alloc(gfp);
	return __moved(__kernel_alloc(size, gfp, 0), old ? p : NULL, old);
}
static inline void *krealloc_array(void *p, size_t n, size_t size, gfp_t gfp) { return krealloc(p, size_mul(n, size), gfp); }

/* vmalloc(), which may always sleep, and kvmalloc(), which is kmalloc() for up to a page. */
static inline void *vmalloc(unsigned long size) { __before_alloc(GFP_KERNEL); return __kernel_alloc_as(VMALLOC, size, GFP_KERNEL, 0); }
static inline void *vzalloc(unsigned long size) { __before_alloc(GFP_KERNEL); return __kernel_alloc_as(VMALLOC, size, GFP_KERNEL, 1); }
static inline void *vmalloc_user(unsigned long size) { __before_alloc(GFP_KERNEL); return __kernel_alloc_as(VMALLOC, size, GFP_KERNEL, 1); }
static inline void *__vmalloc(unsigned long size, gfp_t gfp) { __before_alloc(gfp | __GFP_DIRECT_RECLAIM); return __kernel_alloc_as(VMALLOC, size, gfp, 0); }
static inline void *vmalloc_array(size_t n, size_t size) { return vmalloc(size_mul(n, size)); }
static inline void *vcalloc(size_t n, size_t size) { return vzalloc(size_mul(n, size)); }
/* From an interrupt the memory goes a little later: nobody may use it any more from now on. */
static inline void vfree_atomic(const void *p) { __kernel_free_as(VMALLOC, p); }
static inline void vfree(const void *p)
{
	if (!__kernel_in_interrupt())
		__kernel_might_sleep();
	__kernel_free_as(VMALLOC, p);
}
static inline void *kvmalloc(size_t size, gfp_t gfp) { __before_alloc(gfp); return __kernel_alloc_as(KVMALLOC, size, gfp, 0); }
static inline void *kvzalloc(size_t size, gfp_t gfp) { __before_alloc(gfp); return __kernel_alloc_as(KVMALLOC, size, gfp, 1); }
static inline void *kvmalloc_node(size_t size, gfp_t gfp, int node) { return kvmalloc(size, gfp); }
static inline void *kvzalloc_node(size_t size, gfp_t gfp, int node) { return kvzalloc(size, gfp); }
static inline void *kvmalloc_array(size_t n, size_t size, gfp_t gfp) { return kvmalloc(size_mul(n, size), gfp); }
static inline void *kvcalloc(size_t n, size_t size, gfp_t gfp) { return kvzalloc(size_mul(n, size), gfp); }
static inline void kvfree(const void *p)
{
	if (!__kernel_in_interrupt() && __kernel_alloc_size(p) > PAGE_SIZE)
		__kernel_might_sleep();
	__kernel_free_as(KVMALLOC, p);
}
static inline void kvfree_sensitive(const void *p, size_t size) { kvfree(p); }
DEFINE_FREE(kvfree, void *, if (!IS_ERR_OR_NULL(_T)) kvfree(_T))

/* Pages: by address, or as a `struct page` with its references, which has no bytes of its own here. */
static inline unsigned long __get_free_pages(gfp_t gfp, unsigned int order) { __before_alloc(gfp); return (unsigned long)__kernel_alloc_as(PAGES, PAGE_SIZE << order, gfp, 0); }
static inline unsigned long __get_free_page(gfp_t gfp) { return __get_free_pages(gfp, 0); }
static inline unsigned long get_zeroed_page(gfp_t gfp) { __before_alloc(gfp); return (unsigned long)__kernel_alloc_as(PAGES, PAGE_SIZE, gfp, 1); }
static inline void free_pages(unsigned long address, unsigned int order) { __kernel_free_as(PAGES, (void *)address); }
static inline void free_page(unsigned long address) { __kernel_free_as(PAGES, (void *)address); }
struct page {
	unsigned long flags;
	atomic_t _refcount;
	unsigned long private;
};
static inline struct page *__first_reference(struct page *page)
{
	if (page)
		atomic_set(&page->_refcount, 1);
	return page;
}
static inline struct page *alloc_pages(gfp_t gfp, unsigned int order) { __before_alloc(gfp); return __first_reference(__kernel_alloc_as(PAGES, sizeof(struct page), gfp, 1)); }
static inline struct page *alloc_page(gfp_t gfp) { return alloc_pages(gfp, 0); }
static inline int page_count(struct page *page) { return atomic_read(&page->_refcount); }
static inline int page_ref_count(struct page *page) { return atomic_read(&page->_refcount); }
static inline void get_page(struct page *page)
{
	__kernel_bug_on(atomic_inc_return(&page->_refcount) <= 1);
}
static inline bool try_get_page(struct page *page) { return atomic_inc_not_zero(&page->_refcount); }
static inline bool put_page_testzero(struct page *page)
{
	int left = atomic_dec_return(&page->_refcount);

	__kernel_bug_on(left < 0);
	return !left;
}
static inline void put_page(struct page *page)
{
	if (put_page_testzero(page))
		__kernel_free_as(PAGES, page);
}
static inline void __free_pages(struct page *page, unsigned int order) { put_page(page); }
static inline void __free_page(struct page *page) { put_page(page); }
static inline void set_page_private(struct page *page, unsigned long private) { page->private = private; }
static inline unsigned long page_private(struct page *page) { return page->private; }

/* Memory that is not to be taken for a leak. */
static inline void kmemleak_not_leak(const void *p) { __kernel_not_a_leak(p, 1); }
static inline void kmemleak_ignore(const void *p) { __kernel_not_a_leak(p, 0); }
