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
static inline void rcu_read_lock_sched_notrace(void) { preempt_disable(); }
static inline void rcu_read_unlock_sched_notrace(void) { preempt_enable(); }
static inline void cond_resched_rcu(void)
{
	rcu_read_unlock();
	cond_resched();
	rcu_read_lock();
}
static inline bool rcu_is_watching(void) { return true; }
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
static inline void init_rcu_head_on_stack(struct rcu_head *head) { }
static inline void destroy_rcu_head_on_stack(struct rcu_head *head) { }
static void __kfree_rcu(void *object) { kfree(object); }
#define kfree_rcu(pointer, member) do { \
	typeof(pointer) __freed = (pointer); \
	if (__freed) \
		__kernel_call_rcu(&__freed->member, __kfree_rcu, offsetof(typeof(*__freed), member), 0); \
} while (0)
#define kvfree_rcu(pointer, member) kfree_rcu(pointer, member)
static inline void kvfree_rcu_barrier(void) { rcu_barrier(); }
struct rcu_synchronize {
	struct rcu_head head;
	struct completion completion;
};
static void wakeme_after_rcu(struct rcu_head *head) { complete(&container_of(head, struct rcu_synchronize, head)->completion); }
static inline void kfree_rcu_mightsleep(const void *object) { synchronize_rcu(); kfree(object); }
static inline void kvfree_rcu_mightsleep(const void *object) { synchronize_rcu(); kfree(object); }

/* Grace periods that are asked for. */
#define NUM_ACTIVE_RCU_POLL_OLDSTATE 2
static inline unsigned long get_completed_synchronize_rcu(void) { return 1; }
static inline unsigned long get_state_synchronize_rcu(void) { return __kernel_gp_state(0); }
static inline unsigned long start_poll_synchronize_rcu(void) { return __kernel_gp_state(0); }
static inline unsigned long start_poll_synchronize_rcu_expedited(void) { return __kernel_gp_state(0); }
static inline bool poll_state_synchronize_rcu(unsigned long cookie) { return __kernel_gp_poll(cookie); }
static void cond_synchronize_rcu(unsigned long cookie)
{
	if (!__kernel_gp_poll(cookie))
		synchronize_rcu();
}
static inline void cond_synchronize_rcu_expedited(unsigned long cookie) { cond_synchronize_rcu(cookie); }
static inline bool same_state_synchronize_rcu(unsigned long one, unsigned long other) { return one == other; }
static inline void get_completed_synchronize_rcu_full(struct rcu_gp_oldstate *state) { state->rgos_norm = 1; }
static inline void get_state_synchronize_rcu_full(struct rcu_gp_oldstate *state) { state->rgos_norm = __kernel_gp_state(0); }
static inline void start_poll_synchronize_rcu_full(struct rcu_gp_oldstate *state) { state->rgos_norm = __kernel_gp_state(0); }
static inline void start_poll_synchronize_rcu_expedited_full(struct rcu_gp_oldstate *state) { state->rgos_norm = __kernel_gp_state(0); }
static inline bool poll_state_synchronize_rcu_full(struct rcu_gp_oldstate *state) { return __kernel_gp_poll(state->rgos_norm); }
static inline void cond_synchronize_rcu_full(struct rcu_gp_oldstate *state) { cond_synchronize_rcu(state->rgos_norm); }
static inline void cond_synchronize_rcu_expedited_full(struct rcu_gp_oldstate *state) { cond_synchronize_rcu(state->rgos_norm); }
static inline bool same_state_synchronize_rcu_full(struct rcu_gp_oldstate *one, struct rcu_gp_oldstate *other) { return one->rgos_norm == other->rgos_norm; }

/* SRCU. */
static inline int init_srcu_struct(struct srcu_struct *ssp) { __kernel_srcu_init(ssp); return 0; }
static inline void cleanup_srcu_struct(struct srcu_struct *ssp) { __kernel_srcu_cleanup(ssp); }
static inline int srcu_read_lock(struct srcu_struct *ssp)
{
	WARN_ON_ONCE(in_nmi());
	return __kernel_srcu_read_lock(ssp);
}
static inline void srcu_read_unlock(struct srcu_struct *ssp, int index)
{
	WARN_ON_ONCE(index & ~1);
	__kernel_srcu_read_unlock(ssp, index & 1);
}
static inline int srcu_read_lock_notrace(struct srcu_struct *ssp) { return __kernel_srcu_read_lock(ssp); }
static inline void srcu_read_unlock_notrace(struct srcu_struct *ssp, int index) { __kernel_srcu_read_unlock(ssp, index & 1); }
static inline int srcu_read_lock_nmisafe(struct srcu_struct *ssp) { return __kernel_srcu_read_lock_nmisafe(ssp); }
static inline void srcu_read_unlock_nmisafe(struct srcu_struct *ssp, int index)
{
	WARN_ON_ONCE(index & ~1);
	__kernel_srcu_read_unlock(ssp, index & 1);
}
static inline int srcu_down_read(struct srcu_struct *ssp)
{
	WARN_ON_ONCE(in_nmi());
	return __kernel_srcu_down_read(ssp);
}
static inline void srcu_up_read(struct srcu_struct *ssp, int index)
{
	WARN_ON_ONCE(index & ~1);
	WARN_ON_ONCE(in_nmi());
	__kernel_srcu_up_read(ssp, index & 1);
}
static inline int srcu_read_lock_held(struct srcu_struct *ssp) { return __kernel_srcu_read_held(ssp); }
static inline void smp_mb__after_srcu_read_unlock(void) { }
static inline void synchronize_srcu(struct srcu_struct *ssp) { __kernel_srcu_gp_begin(ssp); __kernel_srcu_gp_wait(ssp); }
static inline void synchronize_srcu_expedited(struct srcu_struct *ssp) { __kernel_srcu_gp_begin(ssp); __kernel_srcu_gp_wait(ssp); }
static inline void srcu_barrier(struct srcu_struct *ssp) { __kernel_srcu_barrier_begin(ssp); __kernel_rcu_barrier_wait(); }
static inline void call_srcu(struct srcu_struct *ssp, struct rcu_head *head, void (*func)(struct rcu_head *)) { __kernel_call_srcu(head, func, 0, ssp); }
static inline unsigned long get_completed_synchronize_srcu(void) { return 1; }
static inline unsigned long get_state_synchronize_srcu(struct srcu_struct *ssp) { return __kernel_srcu_gp_state(ssp); }
static inline unsigned long start_poll_synchronize_srcu(struct srcu_struct *ssp) { return __kernel_srcu_gp_state(ssp); }
static inline bool poll_state_synchronize_srcu(struct srcu_struct *ssp, unsigned long cookie) { return __kernel_gp_poll(cookie); }
static inline bool same_state_synchronize_srcu(unsigned long one, unsigned long other) { return one == other; }
static inline int __guard_srcu_take(struct srcu_struct *ssp) { return __kernel_srcu_read_lock(ssp); }
static inline void __guard_srcu_drop(struct srcu_struct *ssp, int index) { __kernel_srcu_read_unlock(ssp, index); }

/* Tasks RCU. Tasks Trace RCU has readers of its own, who may sleep, and whom the lock validator does not mind. */
static struct srcu_struct rcu_tasks_trace = { .__magic = __SRCU_MAGIC, .__key = 0xffff };
static inline void rcu_read_lock_trace(void) { __kernel_srcu_read_lock(&rcu_tasks_trace); }
static inline void rcu_read_unlock_trace(void) { __kernel_srcu_read_unlock(&rcu_tasks_trace, 2); }
static inline int rcu_read_lock_trace_held(void) { return __kernel_srcu_read_held(&rcu_tasks_trace); }
static inline void __guard_rcu_tasks_trace_take(void) { __kernel_srcu_read_lock(&rcu_tasks_trace); }
static inline void __guard_rcu_tasks_trace_drop(void) { __kernel_srcu_read_unlock(&rcu_tasks_trace, 2); }
static inline void synchronize_rcu_tasks_trace(void) { __kernel_srcu_gp_begin(&rcu_tasks_trace); __kernel_srcu_gp_wait(&rcu_tasks_trace); }
static inline void call_rcu_tasks_trace(struct rcu_head *head, void (*func)(struct rcu_head *)) { __kernel_call_srcu(head, func, 0, &rcu_tasks_trace); }
static inline void rcu_barrier_tasks_trace(void) { __kernel_srcu_barrier_begin(&rcu_tasks_trace); __kernel_rcu_barrier_wait(); }
static inline bool rcu_trace_implies_rcu_gp(void) { return true; }
static inline void synchronize_rcu_tasks(void) { __kernel_tasks_gp_begin(0); __kernel_tasks_gp_wait(0); }
static inline void synchronize_rcu_tasks_rude(void) { __kernel_rude_gp_begin(0); __kernel_rude_gp_wait(0); }
static inline void call_rcu_tasks(struct rcu_head *head, void (*func)(struct rcu_head *)) { __kernel_call_rcu_tasks(head, func, 0, 0); }
static inline void rcu_barrier_tasks(void) { __kernel_tasks_barrier_begin(0); __kernel_rcu_barrier_wait(); }
#define synchronize_rcu_mult(first, second) do { synchronize_rcu(); synchronize_rcu_tasks(); } while (0)
#define rcu_tasks_qs(task, preempt) __kernel_tasks_qs()
#define rcu_softirq_qs_periodic(old) ((void)(old))
#define cond_resched_tasks_rcu_qs() do { \
	__kernel_tasks_qs(); \
	cond_resched(); \
} while (0)

/* Work that is queued after a grace period. */
#define INIT_RCU_WORK(rwork, function) __kernel_work_init((struct work_struct *)({ struct rcu_work *__work = (rwork); &__work->work; }), ({ work_func_t __function = (function); __function; }))
#define INIT_RCU_WORK_ONSTACK(rwork, function) INIT_RCU_WORK(rwork, function)
static inline struct rcu_work *to_rcu_work(struct work_struct *work) { return container_of(work, struct rcu_work, work); }
static void rcu_work_rcufn(struct rcu_head *head) { __kernel_expire_work(&container_of(head, struct rcu_work, rcu)->work); }
static bool queue_rcu_work(struct workqueue_struct *wq, struct rcu_work *rwork)
{
	if (!__kernel_queue_rcu_work(wq, &rwork->work))
		return false;
	__kernel_call_rcu(&rwork->rcu, rcu_work_rcufn, 0, 0);
	return true;
}
static bool flush_rcu_work(struct rcu_work *rwork)
{
	if (!__kernel_work_pending(&rwork->work))
		return flush_work(&rwork->work);
	rcu_barrier();
	flush_work(&rwork->work);
	return true;
}

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
#define rcu_dereference_raw_check(p) READ_ONCE(p)
#define rcu_dereference_trace_check(p, condition) \
	__rcu_read(p, (condition) || rcu_read_lock_trace_held(), "suspicious rcu_dereference_check() usage")
#define srcu_dereference_notrace(p, ssp) srcu_dereference_check(p, ssp, 1)
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
static inline void INIT_LIST_HEAD_RCU(struct list_head *list)
{
	WRITE_ONCE(list->next, list);
	WRITE_ONCE(list->prev, list);
}
/* Readers may still walk the list when it is emptied: `sync` waits for them before it is joined to the other. */
static void __list_splice_init_rcu(struct list_head *list, struct list_head *prev, struct list_head *next, void (*sync)(void))
{
	struct list_head *first = list->next;
	struct list_head *last = list->prev;

	INIT_LIST_HEAD_RCU(list);
	sync();
	last->next = next;
	rcu_assign_pointer(prev->next, first);
	first->prev = prev;
	next->prev = last;
}
static void list_splice_init_rcu(struct list_head *list, struct list_head *head, void (*sync)(void))
{
	if (!list_empty(list))
		__list_splice_init_rcu(list, head, head->next, sync);
}
static void list_splice_tail_init_rcu(struct list_head *list, struct list_head *head, void (*sync)(void))
{
	if (!list_empty(list))
		__list_splice_init_rcu(list, head->prev, head, sync);
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
#define list_tail_rcu(head) ((head)->prev)
#define list_next_or_null_rcu(head, pointer, type, member) ({ \
	struct list_head *__head = (head); \
	struct list_head *__next = READ_ONCE((pointer)->next); \
	__head != __next ? container_of(__next, type, member) : NULL; })
#define list_entry_lockless(pointer, type, member) container_of(READ_ONCE(pointer), type, member)
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
#define list_for_each_entry_srcu(pos, head, member, condition) list_for_each_entry_rcu(pos, head, member, condition)
#define list_for_each_entry_lockless(pos, head, member) \
	for (pos = list_entry_lockless((head)->next, typeof(*pos), member); \
	     &pos->member != (head); \
	     pos = list_entry_lockless(pos->member.next, typeof(*pos), member))
#define list_for_each_entry_continue_rcu(pos, head, member) \
	for (pos = list_entry_rcu(pos->member.next, typeof(*pos), member); \
	     &pos->member != (head); \
	     pos = list_entry_rcu(pos->member.next, typeof(*pos), member))
#define list_for_each_entry_from_rcu(pos, head, member) \
	for (; &(pos)->member != (head); pos = list_entry_rcu((pos)->member.next, typeof(*(pos)), member))

#define hlist_first_rcu(head) ((head)->first)
#define hlist_next_rcu(node) ((node)->next)
#define hlist_pprev_rcu(node) (*(node)->pprev)
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
static void hlist_del_init_rcu(struct hlist_node *node)
{
	if (!hlist_unhashed(node)) {
		__hlist_del(node);
		WRITE_ONCE(node->pprev, NULL);
	}
}
static void hlist_add_before_rcu(struct hlist_node *node, struct hlist_node *next)
{
	WRITE_ONCE(node->pprev, next->pprev);
	node->next = next;
	rcu_assign_pointer(*node->pprev, node);
	WRITE_ONCE(next->pprev, &node->next);
}
static void hlist_add_behind_rcu(struct hlist_node *node, struct hlist_node *prev)
{
	node->next = prev->next;
	WRITE_ONCE(node->pprev, &prev->next);
	rcu_assign_pointer(prev->next, node);
	if (node->next)
		WRITE_ONCE(node->next->pprev, &node->next);
}
static void hlist_add_tail_rcu(struct hlist_node *node, struct hlist_head *head)
{
	struct hlist_node *i, *last = NULL;

	for (i = head->first; i; i = i->next)
		last = i;
	if (last)
		hlist_add_behind_rcu(node, last);
	else
		hlist_add_head_rcu(node, head);
}
static void hlists_swap_heads_rcu(struct hlist_head *left, struct hlist_head *right)
{
	struct hlist_node *node1 = left->first;
	struct hlist_node *node2 = right->first;

	rcu_assign_pointer(left->first, node2);
	rcu_assign_pointer(right->first, node1);
	WRITE_ONCE(node2->pprev, &left->first);
	WRITE_ONCE(node1->pprev, &right->first);
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
#define hlist_for_each_entry_srcu(pos, head, member, condition) hlist_for_each_entry_rcu(pos, head, member, condition)
#define hlist_for_each_entry_rcu_notrace(pos, head, member) hlist_for_each_entry_rcu(pos, head, member, 1)
#define hlist_for_each_entry_rcu_bh(pos, head, member) hlist_for_each_entry_rcu(pos, head, member)
#define hlist_for_each_entry_continue_rcu(pos, member) \
	for (pos = hlist_entry_safe(READ_ONCE((pos)->member.next), typeof(*(pos)), member); pos; \
	     pos = hlist_entry_safe(READ_ONCE((pos)->member.next), typeof(*(pos)), member))
#define hlist_for_each_entry_from_rcu(pos, member) \
	for (; pos; pos = hlist_entry_safe(READ_ONCE((pos)->member.next), typeof(*(pos)), member))

/* Lists that end in a number, by which a lookup sees whether it has strayed to another. */
#define NULLS_MARKER(value) (1UL | (((long)(value)) << 1))
#define INIT_HLIST_NULLS_HEAD(head, nulls) ((head)->first = (struct hlist_nulls_node *)NULLS_MARKER(nulls))
#define HLIST_NULLS_HEAD_INIT(nulls) { .first = (struct hlist_nulls_node *)NULLS_MARKER(nulls) }
#define hlist_nulls_entry(pointer, type, member) container_of(pointer, type, member)
#define hlist_nulls_first_rcu(head) ((head)->first)
#define hlist_nulls_next_rcu(node) ((node)->next)
static inline int is_a_nulls(const struct hlist_nulls_node *pointer) { return (unsigned long)pointer & 1; }
static inline unsigned long get_nulls_value(const struct hlist_nulls_node *pointer) { return (unsigned long)pointer >> 1; }
static inline int hlist_nulls_unhashed(const struct hlist_nulls_node *node) { return !node->pprev; }
static inline int hlist_nulls_unhashed_lockless(const struct hlist_nulls_node *node) { return !READ_ONCE(node->pprev); }
static inline int hlist_nulls_empty(const struct hlist_nulls_head *head) { return is_a_nulls(READ_ONCE(head->first)); }
static void hlist_nulls_add_head(struct hlist_nulls_node *node, struct hlist_nulls_head *head)
{
	struct hlist_nulls_node *first = head->first;

	node->next = first;
	WRITE_ONCE(node->pprev, &head->first);
	head->first = node;
	if (!is_a_nulls(first))
		WRITE_ONCE(first->pprev, &node->next);
}
static void __hlist_nulls_del(struct hlist_nulls_node *node)
{
	struct hlist_nulls_node *next = node->next;
	struct hlist_nulls_node **pprev = node->pprev;

	WRITE_ONCE(*pprev, next);
	if (!is_a_nulls(next))
		WRITE_ONCE(next->pprev, pprev);
}
static void hlist_nulls_del(struct hlist_nulls_node *node)
{
	__hlist_nulls_del(node);
	WRITE_ONCE(node->pprev, LIST_POISON2);
}
static void hlist_nulls_del_rcu(struct hlist_nulls_node *node)
{
	__hlist_nulls_del(node);
	WRITE_ONCE(node->pprev, LIST_POISON2);
}
static void hlist_nulls_del_init_rcu(struct hlist_nulls_node *node)
{
	if (!hlist_nulls_unhashed(node)) {
		__hlist_nulls_del(node);
		WRITE_ONCE(node->pprev, NULL);
	}
}
static void hlist_nulls_add_head_rcu(struct hlist_nulls_node *node, struct hlist_nulls_head *head)
{
	struct hlist_nulls_node *first = head->first;

	WRITE_ONCE(node->next, first);
	WRITE_ONCE(node->pprev, &head->first);
	rcu_assign_pointer(head->first, node);
	if (!is_a_nulls(first))
		WRITE_ONCE(first->pprev, &node->next);
}
static void hlist_nulls_add_tail_rcu(struct hlist_nulls_node *node, struct hlist_nulls_head *head)
{
	struct hlist_nulls_node *i, *last = NULL;

	for (i = head->first; !is_a_nulls(i); i = i->next)
		last = i;
	if (last) {
		WRITE_ONCE(node->next, last->next);
		WRITE_ONCE(node->pprev, &last->next);
		rcu_assign_pointer(last->next, node);
	} else {
		hlist_nulls_add_head_rcu(node, head);
	}
}
#define hlist_nulls_for_each_entry(tpos, pos, head, member) \
	for (pos = (head)->first; \
	     !is_a_nulls(pos) && ({ tpos = hlist_nulls_entry(pos, typeof(*tpos), member); 1; }); \
	     pos = pos->next)
#define hlist_nulls_for_each_entry_from(tpos, pos, member) \
	for (; !is_a_nulls(pos) && ({ tpos = hlist_nulls_entry(pos, typeof(*tpos), member); 1; }); \
	     pos = pos->next)
#define hlist_nulls_for_each_entry_rcu(tpos, pos, head, member) \
	for (pos = READ_ONCE((head)->first); \
	     !is_a_nulls(pos) && ({ tpos = hlist_nulls_entry(pos, typeof(*tpos), member); 1; }); \
	     pos = READ_ONCE(pos->next))
#define hlist_nulls_for_each_entry_safe(tpos, pos, head, member) \
	for (pos = READ_ONCE((head)->first); \
	     !is_a_nulls(pos) && ({ tpos = hlist_nulls_entry(pos, typeof(*tpos), member); pos = READ_ONCE(pos->next); 1; });)
