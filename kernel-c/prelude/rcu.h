/* RCU and SRCU. */

#define __SRCU_MAGIC 26
#define DEFINE_SRCU(name) struct srcu_struct name = { .__magic = __SRCU_MAGIC }
#define DEFINE_STATIC_SRCU(name) static struct srcu_struct name = { .__magic = __SRCU_MAGIC }

static inline void rcu_read_lock(void) { __kernel_rcu_read_lock(); }
static inline void rcu_read_unlock(void) { __kernel_rcu_read_unlock(); }
static inline void rcu_read_lock_bh(void) { local_bh_disable(); }
static inline void rcu_read_unlock_bh(void) { local_bh_enable(); }
static inline void rcu_read_lock_sched(void) { preempt_disable(); }
static inline void rcu_read_unlock_sched(void) { preempt_enable(); }
static inline int rcu_read_lock_held(void) { return __kernel_rcu_read_held(); }
static inline int rcu_read_lock_bh_held(void) { return __kernel_in_softirq() || __kernel_irqs_disabled(); }
static inline int rcu_read_lock_sched_held(void) { return !__kernel_preemptible(); }
static inline int rcu_read_lock_any_held(void) { return __kernel_rcu_read_held() || !__kernel_preemptible(); }
static inline void __guard_rcu_take(void) { __kernel_rcu_read_lock(); }
static inline void __guard_rcu_drop(void) { __kernel_rcu_read_unlock(); }

/* Waiting for readers, and having something done after them. */
static inline void synchronize_rcu(void) { __kernel_gp_begin(0); __kernel_gp_wait(0); }
static inline void synchronize_rcu_expedited(void) { __kernel_gp_begin(0); __kernel_gp_wait(0); }
static inline void synchronize_net(void) { __kernel_gp_begin(0); __kernel_gp_wait(0); }
static inline void rcu_barrier(void) { __kernel_rcu_barrier_begin(0); __kernel_rcu_barrier_wait(); }
static inline void call_rcu(struct rcu_head *head, void (*func)(struct rcu_head *)) { __kernel_call_rcu(head, func, 0, 0); }
static inline void call_rcu_hurry(struct rcu_head *head, void (*func)(struct rcu_head *)) { __kernel_call_rcu(head, func, 0, 0); }
static inline void init_rcu_head(struct rcu_head *head) { }
static inline void destroy_rcu_head(struct rcu_head *head) { }
static void __kfree_rcu(void *object) { kfree(object); }
#define kfree_rcu(pointer, member) do { \
	typeof(pointer) __freed = (pointer); \
	if (__freed) \
		__kernel_call_rcu(&__freed->member, __kfree_rcu, offsetof(typeof(*__freed), member), 0); \
} while (0)
#define kvfree_rcu(pointer, member) kfree_rcu(pointer, member)
static inline void kfree_rcu_mightsleep(const void *object) { synchronize_rcu(); kfree(object); }
static inline void kvfree_rcu_mightsleep(const void *object) { synchronize_rcu(); kfree(object); }

/* SRCU. */
static inline int init_srcu_struct(struct srcu_struct *ssp) { __kernel_srcu_init(ssp); return 0; }
static inline void cleanup_srcu_struct(struct srcu_struct *ssp) { __kernel_srcu_cleanup(ssp); }
static inline int srcu_read_lock(struct srcu_struct *ssp) { return __kernel_srcu_read_lock(ssp); }
static inline void srcu_read_unlock(struct srcu_struct *ssp, int index) { __kernel_srcu_read_unlock(ssp); }
static inline int srcu_read_lock_held(struct srcu_struct *ssp) { return __kernel_srcu_read_held(ssp); }
static inline void synchronize_srcu(struct srcu_struct *ssp) { __kernel_srcu_gp_begin(ssp); __kernel_srcu_gp_wait(ssp); }
static inline void synchronize_srcu_expedited(struct srcu_struct *ssp) { __kernel_srcu_gp_begin(ssp); __kernel_srcu_gp_wait(ssp); }
static inline void srcu_barrier(struct srcu_struct *ssp) { __kernel_srcu_barrier_begin(ssp); __kernel_rcu_barrier_wait(); }
static inline void call_srcu(struct srcu_struct *ssp, struct rcu_head *head, void (*func)(struct rcu_head *)) { __kernel_call_srcu(head, func, 0, ssp); }
static inline int __guard_srcu_take(struct srcu_struct *ssp) { return __kernel_srcu_read_lock(ssp); }
static inline void __guard_srcu_drop(struct srcu_struct *ssp, int index) { __kernel_srcu_read_unlock(ssp); }

/* Pointers that readers follow. */
#define __rcu_read(p, protected, text) ({ \
	typeof(p) __read = READ_ONCE(p); \
	RCU_LOCKDEP_WARN(!(protected), text); \
	__read; })
#define rcu_dereference_check(p, condition) \
	__rcu_read(p, (condition) || rcu_read_lock_held(), "suspicious rcu_dereference_check() usage")
#define rcu_dereference_bh_check(p, condition) \
	__rcu_read(p, (condition) || rcu_read_lock_bh_held(), "suspicious rcu_dereference_bh_check() usage")
#define rcu_dereference_sched_check(p, condition) \
	__rcu_read(p, (condition) || rcu_read_lock_sched_held(), "suspicious rcu_dereference_sched_check() usage")
#define rcu_dereference(p) rcu_dereference_check(p, 0)
#define rcu_dereference_bh(p) rcu_dereference_bh_check(p, 0)
#define rcu_dereference_sched(p) rcu_dereference_sched_check(p, 0)
#define rcu_dereference_raw(p) READ_ONCE(p)
#define srcu_dereference_check(p, ssp, condition) \
	__rcu_read(p, (condition) || srcu_read_lock_held(ssp), "suspicious srcu_dereference_check() usage")
#define srcu_dereference(p, ssp) srcu_dereference_check(p, ssp, 0)
#define rcu_dereference_protected(p, condition) ({ \
	RCU_LOCKDEP_WARN(!(condition), "suspicious rcu_dereference_protected() usage"); \
	(p); })
#define rcu_access_pointer(p) READ_ONCE(p)
#define rcu_pointer_handoff(p) (p)
#define unrcu_pointer(p) (p)
#define rcu_assign_pointer(p, value) smp_store_release(&(p), value)
#define RCU_INIT_POINTER(p, value) WRITE_ONCE(p, value)
#define RCU_INITIALIZER(value) (value)
#define rcu_replace_pointer(p, value, condition) ({ \
	typeof(p) __old = rcu_dereference_protected(p, condition); \
	rcu_assign_pointer(p, value); \
	__old; })

/* Lists that readers walk. */
static void __list_add_rcu(struct list_head *new, struct list_head *prev, struct list_head *next)
{
	new->next = next;
	new->prev = prev;
	rcu_assign_pointer(prev->next, new);
	next->prev = new;
}
static void list_add_rcu(struct list_head *new, struct list_head *head) { __list_add_rcu(new, head, head->next); }
static void list_add_tail_rcu(struct list_head *new, struct list_head *head) { __list_add_rcu(new, head->prev, head); }
static void list_del_rcu(struct list_head *entry)
{
	__list_del_entry(entry);
	entry->prev = LIST_POISON2;
}
static void list_replace_rcu(struct list_head *old, struct list_head *new)
{
	new->next = old->next;
	new->prev = old->prev;
	rcu_assign_pointer(new->prev->next, new);
	new->next->prev = new;
	old->prev = LIST_POISON2;
}
#define list_next_rcu(list) ((list)->next)
#define list_entry_rcu(pointer, type, member) container_of(READ_ONCE(pointer), type, member)
#define list_first_or_null_rcu(pointer, type, member) ({ \
	struct list_head *__head = (pointer); \
	struct list_head *__first = READ_ONCE(__head->next); \
	__head != __first ? container_of(__first, type, member) : NULL; })
/* A condition may follow, under which the list may be walked outside a reader. */
#define __rcu_condition(none, condition, ...) (condition)
#define __rcu_list_check(...) \
	RCU_LOCKDEP_WARN(!__rcu_condition(~, ##__VA_ARGS__, 0) && !rcu_read_lock_any_held(), "RCU-list traversed in non-reader section!")
#define list_for_each_entry_rcu(pos, head, member, ...) \
	for (__rcu_list_check(__VA_ARGS__), pos = list_entry_rcu((head)->next, typeof(*pos), member); \
	     &pos->member != (head); \
	     pos = list_entry_rcu(pos->member.next, typeof(*pos), member))

static void hlist_add_head_rcu(struct hlist_node *node, struct hlist_head *head)
{
	struct hlist_node *first = head->first;

	node->next = first;
	WRITE_ONCE(node->pprev, &head->first);
	rcu_assign_pointer(head->first, node);
	if (first)
		WRITE_ONCE(first->pprev, &node->next);
}
static void hlist_del_rcu(struct hlist_node *node)
{
	__hlist_del(node);
	WRITE_ONCE(node->pprev, LIST_POISON2);
}
static void hlist_replace_rcu(struct hlist_node *old, struct hlist_node *new)
{
	struct hlist_node *next = old->next;

	new->next = next;
	WRITE_ONCE(new->pprev, old->pprev);
	rcu_assign_pointer(*new->pprev, new);
	if (next)
		WRITE_ONCE(new->next->pprev, &new->next);
	WRITE_ONCE(old->pprev, LIST_POISON2);
}
#define hlist_for_each_entry_rcu(pos, head, member, ...) \
	for (__rcu_list_check(__VA_ARGS__), pos = hlist_entry_safe(READ_ONCE((head)->first), typeof(*(pos)), member); pos; \
	     pos = hlist_entry_safe(READ_ONCE((pos)->member.next), typeof(*(pos)), member))
