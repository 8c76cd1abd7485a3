/* Every function of the prelude, as a function of its own, and every macro, used once. */
static void *all[] = {
	(void *)gfpflags_allow_blocking, (void *)memalloc_nofs_save, (void *)memalloc_nofs_restore,
	(void *)memalloc_noio_save, (void *)memalloc_noio_restore, (void *)memalloc_noreclaim_save,
	(void *)memalloc_noreclaim_restore, (void *)__guard_memalloc_nofs_take, (void *)__guard_memalloc_nofs_drop,
	(void *)__guard_memalloc_noio_take, (void *)__guard_memalloc_noio_drop, (void *)current_gfp_context,
	(void *)__need_reclaim, (void *)__touches_fs_reclaim, (void *)fs_reclaim_acquire, (void *)fs_reclaim_release,
	(void *)__direct_reclaim, (void *)__before_alloc, (void *)kmalloc, (void *)size_mul, (void *)array_size,
	(void *)size_add, (void *)kmalloc_array_node, (void *)kcalloc_node, (void *)kfree_const, (void *)ksize,
	(void *)__copied, (void *)kmemdup, (void *)kmemdup_array, (void *)__string_length, (void *)__copied_string,
	(void *)kstrndup, (void *)kstrdup, (void *)kstrdup_const, (void *)__moved, (void *)krealloc, (void *)krealloc_array,
	(void *)vmalloc, (void *)vzalloc, (void *)vmalloc_user, (void *)__vmalloc, (void *)vmalloc_array, (void *)vcalloc,
	(void *)vfree_atomic, (void *)vfree, (void *)kvmalloc, (void *)kvzalloc, (void *)kvmalloc_node, (void *)kvzalloc_node,
	(void *)kvmalloc_array, (void *)kvcalloc, (void *)kvfree, (void *)kvfree_sensitive, (void *)__get_free_pages,
	(void *)__get_free_page, (void *)get_zeroed_page, (void *)free_pages, (void *)free_page, (void *)__first_reference,
	(void *)alloc_pages, (void *)alloc_page, (void *)page_count, (void *)page_ref_count, (void *)get_page,
	(void *)try_get_page, (void *)put_page_testzero, (void *)put_page, (void *)__free_pages, (void *)__free_page,
	(void *)set_page_private, (void *)page_private, (void *)kmemleak_not_leak, (void *)kmemleak_ignore,
	(void *)pagefault_disable, (void *)pagefault_enable, (void *)pagefault_disabled, (void *)faulthandler_disabled,
	(void *)mmap_init_lock, (void *)__mmap_lock, (void *)mmap_read_lock, (void *)mmap_read_lock_killable,
	(void *)mmap_read_trylock, (void *)mmap_read_unlock, (void *)mmap_write_lock, 
	(void *)mmap_write_lock_killable, (void *)mmap_write_trylock, (void *)mmap_write_unlock, (void *)mmap_write_downgrade,
	(void *)mmap_assert_locked, (void *)mmap_assert_write_locked, (void *)__guard_mmap_read_lock_take,
	(void *)__guard_mmap_read_lock_drop, (void *)__fault_in, (void *)__copy_to_user_inatomic,
	(void *)__copy_from_user_inatomic, (void *)copy_to_user_nofault, (void *)copy_from_user_nofault, (void *)clear_user,
	(void *)__clear_user, (void *)strncpy_from_user, (void *)__from_user, (void *)memdup_user, (void *)vmemdup_user,
	(void *)check_zeroed_user, (void *)copy_struct_from_user, (void *)__do_shrink_slab, (void *)__shrink_slab,
	(void *)drop_slab, (void *)__kswapd, (void *)__add_shrinker, (void *)__remove_shrinker, (void *)shrinker_register,
	(void *)shrinker_free, (void *)__register_shrinker, (void *)unregister_shrinker, (void *)__devres_add,
	(void *)__devres_release, (void *)__devres_remove, (void *)__devres_memory, (void *)devm_kmemdup,
	(void *)devm_kstrdup, (void *)__devm_irq_requested, (void *)__device_release, (void *)__device_unbind_cleanup,
	(void *)__really_probe, (void *)__device_attach, (void *)__driver_deferred_probe_trigger,
	(void *)__device_release_driver, (void *)__misc_open,
	(void *)percpu_down_read, (void *)percpu_down_read_trylock, (void *)percpu_up_read, (void *)percpu_down_write,
	(void *)percpu_up_write, (void *)percpu_is_write_locked, (void *)percpu_is_read_locked, (void *)percpu_free_rwsem,
	(void *)__guard_percpu_read_take, (void *)__guard_percpu_read_drop, (void *)__guard_percpu_read_try_take,
	(void *)__guard_percpu_read_try_drop, (void *)__guard_percpu_write_take, (void *)__guard_percpu_write_drop,
	(void *)cpus_read_lock, (void *)cpus_read_trylock, (void *)cpus_read_unlock, (void *)cpus_write_lock,
	(void *)cpus_write_unlock, (void *)lockdep_assert_cpus_held, (void *)lockdep_is_cpus_held,
	(void *)__guard_cpus_read_lock_take, (void *)__guard_cpus_read_lock_drop, (void *)ww_mutex_init,
	(void *)ww_acquire_init, (void *)ww_acquire_done, (void *)ww_acquire_fini, (void *)ww_mutex_lock,
	(void *)ww_mutex_lock_interruptible, (void *)ww_mutex_lock_slow, (void *)ww_mutex_lock_slow_interruptible,
	(void *)ww_mutex_trylock, (void *)ww_mutex_unlock, (void *)ww_mutex_is_locked, (void *)ww_mutex_destroy,
	(void *)bit_spin_lock, (void *)bit_spin_trylock, (void *)bit_spin_unlock, (void *)__bit_spin_unlock,
	(void *)bit_spin_is_locked, (void *)INIT_HLIST_BL_NODE, (void *)hlist_bl_lock, (void *)hlist_bl_unlock,
	(void *)hlist_bl_is_locked, (void *)hlist_bl_first, (void *)hlist_bl_first_rcu, (void *)hlist_bl_set_first,
	(void *)hlist_bl_set_first_rcu, (void *)hlist_bl_unhashed, (void *)hlist_bl_empty, (void *)hlist_bl_add_head,
	(void *)hlist_bl_add_head_rcu, (void *)hlist_bl_add_before, (void *)hlist_bl_add_behind, (void *)__hlist_bl_del,
	(void *)hlist_bl_del, (void *)hlist_bl_del_rcu, (void *)hlist_bl_del_init, (void *)lockdep_init_map,
	(void *)lock_map_acquire, (void *)lock_map_acquire_read, (void *)lock_map_acquire_try,
	(void *)lock_map_acquire_tryread, (void *)lock_map_release, (void *)lock_map_sync,
	(void *)seqcount_raw_spinlock_init, (void *)seqcount_spinlock_init, (void *)seqcount_rwlock_init, (void *)seqcount_mutex_init,
	(void *)seqcount_init, (void *)seqcount_latch_init, (void *)read_seqcount_latch, (void *)read_seqcount_latch_retry,
	(void *)write_seqcount_latch_begin, (void *)write_seqcount_latch, (void *)write_seqcount_latch_end,
	(void *)raw_write_seqcount_latch, (void *)read_seqbegin, (void *)read_seqretry, (void *)write_seqlock,
	(void *)write_sequnlock, (void *)read_seqlock_excl, (void *)read_sequnlock_excl, (void *)write_seqlock_bh,
	(void *)write_sequnlock_bh, (void *)read_seqlock_excl_bh, (void *)read_sequnlock_excl_bh, (void *)write_seqlock_irq,
	(void *)write_sequnlock_irq, (void *)read_seqlock_excl_irq, (void *)read_sequnlock_excl_irq,
	(void *)write_sequnlock_irqrestore, (void *)read_sequnlock_excl_irqrestore, (void *)read_seqbegin_or_lock,
	(void *)need_seqretry, (void *)done_seqretry,
	(void *)alloc_etherdev, (void *)free_netdev, (void *)netdev_priv, (void *)netif_start_queue,
	(void *)netif_stop_queue, (void *)netif_wake_queue, (void *)netif_queue_stopped, (void *)netif_carrier_on,
	(void *)netif_carrier_off, (void *)netif_carrier_ok, (void *)netif_napi_add_weight, (void *)netif_napi_add,
	(void *)netif_napi_add_tx, (void *)netif_napi_del, (void *)napi_is_scheduled, (void *)napi_schedule_prep,
	(void *)__napi_schedule, (void *)__napi_schedule_irqoff, (void *)napi_schedule, (void *)napi_schedule_irqoff,
	(void *)napi_complete_done, (void *)napi_complete, (void *)napi_disable, (void *)napi_enable,
	(void *)napi_synchronize, (void *)alloc_skb, (void *)netdev_alloc_skb, (void *)napi_alloc_skb, (void *)kfree_skb,
	(void *)consume_skb, (void *)dev_kfree_skb, (void *)dev_kfree_skb_irq, (void *)dev_consume_skb_irq,
	(void *)dev_kfree_skb_any, (void *)dev_consume_skb_any, (void *)napi_consume_skb, (void *)napi_gro_receive,
	(void *)netif_receive_skb, (void *)netif_rx,
	(void *)rcu_read_lock, (void *)rcu_read_unlock, (void *)rcu_read_lock_bh, (void *)rcu_read_unlock_bh,
	(void *)rcu_read_lock_sched, (void *)rcu_read_unlock_sched, (void *)rcu_read_lock_held, (void *)rcu_read_lock_bh_held,
	(void *)rcu_read_lock_sched_held, (void *)rcu_read_lock_any_held, (void *)__guard_rcu_take, (void *)__guard_rcu_drop,
	(void *)synchronize_rcu, (void *)synchronize_rcu_expedited, (void *)synchronize_net, (void *)rcu_barrier,
	(void *)call_rcu, (void *)call_rcu_hurry, (void *)init_rcu_head, (void *)destroy_rcu_head, (void *)__kfree_rcu,
	(void *)kfree_rcu_mightsleep, (void *)kvfree_rcu_mightsleep, (void *)init_srcu_struct, (void *)cleanup_srcu_struct,
	(void *)srcu_read_lock, (void *)srcu_read_unlock, (void *)srcu_read_lock_held, (void *)synchronize_srcu,
	(void *)synchronize_srcu_expedited, (void *)srcu_barrier, (void *)call_srcu, (void *)__guard_srcu_take,
	(void *)__guard_srcu_drop, (void *)list_add_rcu, (void *)list_add_tail_rcu, (void *)list_del_rcu,
	(void *)list_replace_rcu, (void *)hlist_add_head_rcu, (void *)hlist_del_rcu, (void *)hlist_replace_rcu,
	(void *)rcu_read_lock_sched_notrace, (void *)rcu_read_unlock_sched_notrace, (void *)cond_resched_rcu,
	(void *)rcu_is_watching, (void *)init_rcu_head_on_stack, (void *)destroy_rcu_head_on_stack,
	(void *)kvfree_rcu_barrier, (void *)wakeme_after_rcu, (void *)get_completed_synchronize_rcu,
	(void *)get_state_synchronize_rcu, (void *)start_poll_synchronize_rcu,
	(void *)start_poll_synchronize_rcu_expedited, (void *)poll_state_synchronize_rcu,
	(void *)cond_synchronize_rcu, (void *)cond_synchronize_rcu_expedited, (void *)same_state_synchronize_rcu,
	(void *)get_completed_synchronize_rcu_full, (void *)get_state_synchronize_rcu_full,
	(void *)start_poll_synchronize_rcu_full, (void *)start_poll_synchronize_rcu_expedited_full,
	(void *)poll_state_synchronize_rcu_full, (void *)cond_synchronize_rcu_full,
	(void *)cond_synchronize_rcu_expedited_full, (void *)same_state_synchronize_rcu_full,
	(void *)srcu_read_lock_notrace, (void *)srcu_read_unlock_notrace, (void *)srcu_read_lock_nmisafe,
	(void *)srcu_read_unlock_nmisafe, (void *)srcu_down_read, (void *)srcu_up_read,
	(void *)smp_mb__after_srcu_read_unlock, (void *)get_completed_synchronize_srcu,
	(void *)get_state_synchronize_srcu, (void *)start_poll_synchronize_srcu, (void *)poll_state_synchronize_srcu,
	(void *)same_state_synchronize_srcu, (void *)rcu_read_lock_trace, (void *)rcu_read_unlock_trace,
	(void *)rcu_read_lock_trace_held, (void *)__guard_rcu_tasks_trace_take, (void *)__guard_rcu_tasks_trace_drop,
	(void *)synchronize_rcu_tasks_trace, (void *)call_rcu_tasks_trace, (void *)rcu_barrier_tasks_trace,
	(void *)rcu_trace_implies_rcu_gp, (void *)synchronize_rcu_tasks, (void *)synchronize_rcu_tasks_rude,
	(void *)call_rcu_tasks, (void *)rcu_barrier_tasks, (void *)to_rcu_work, (void *)rcu_work_rcufn,
	(void *)queue_rcu_work, (void *)flush_rcu_work, (void *)__list_add_rcu, (void *)INIT_LIST_HEAD_RCU,
	(void *)__list_splice_init_rcu, (void *)list_splice_init_rcu, (void *)list_splice_tail_init_rcu,
	(void *)hlist_del_init_rcu, (void *)hlist_add_before_rcu, (void *)hlist_add_behind_rcu,
	(void *)hlist_add_tail_rcu, (void *)hlists_swap_heads_rcu, (void *)is_a_nulls, (void *)get_nulls_value,
	(void *)hlist_nulls_unhashed, (void *)hlist_nulls_unhashed_lockless, (void *)hlist_nulls_empty,
	(void *)hlist_nulls_add_head, (void *)__hlist_nulls_del, (void *)hlist_nulls_del,
	(void *)hlist_nulls_del_rcu, (void *)hlist_nulls_del_init_rcu, (void *)hlist_nulls_add_head_rcu,
	(void *)hlist_nulls_add_tail_rcu,
	(void *)destroy_work_on_stack, (void *)destroy_delayed_work_on_stack, (void *)to_delayed_work,
	(void *)drain_workqueue, (void *)destroy_workqueue, (void *)queue_work_on, (void *)queue_work_node,
	(void *)queue_work, (void *)schedule_work_on, (void *)schedule_work, (void *)queue_delayed_work_on,
	(void *)queue_delayed_work, (void *)schedule_delayed_work_on, (void *)schedule_delayed_work,
	(void *)mod_delayed_work_on, (void *)mod_delayed_work, (void *)work_pending, (void *)delayed_work_pending,
	(void *)work_busy, (void *)current_work, (void *)flush_work, (void *)flush_delayed_work, (void *)flush_workqueue,
	(void *)flush_scheduled_work, (void *)cancel_work, (void *)cancel_delayed_work, (void *)disable_work,
	(void *)disable_delayed_work, (void *)disable_work_sync, (void *)disable_delayed_work_sync, (void *)enable_work,
	(void *)enable_delayed_work, (void *)cancel_work_sync, (void *)cancel_delayed_work_sync,
	(void *)ERR_PTR, (void *)PTR_ERR, (void *)IS_ERR, (void *)IS_ERR_OR_NULL, (void *)ERR_CAST, (void *)PTR_ERR_OR_ZERO,
	(void *)memcpy, (void *)memmove, (void *)memset, (void *)dev_get_drvdata, (void *)dev_set_drvdata,
	(void *)preempt_disable, (void *)preempt_enable, (void *)preempt_enable_no_resched, (void *)preempt_disable_notrace,
	(void *)preempt_enable_notrace, (void *)local_irq_disable, (void *)local_irq_enable, (void *)local_bh_disable,
	(void *)local_bh_enable, (void *)irqs_disabled, (void *)preempt_count, (void *)in_task, (void *)in_hardirq,
	(void *)in_irq, (void *)in_softirq, (void *)in_serving_softirq, (void *)in_interrupt, (void *)in_nmi,
	(void *)in_atomic, (void *)preemptible, (void *)smp_processor_id, (void *)raw_smp_processor_id, (void *)get_cpu,
	(void *)read_lock, (void *)read_lock_irq, (void *)read_lock_bh, (void *)read_unlock, (void *)read_unlock_irq,
	(void *)read_unlock_bh, (void *)read_unlock_irqrestore, (void *)read_trylock, (void *)write_lock,
	(void *)write_lock_irq, (void *)write_lock_bh, (void *)write_unlock, (void *)write_unlock_irq,
	(void *)write_unlock_bh, (void *)write_unlock_irqrestore, (void *)write_trylock, (void *)down_read,
	(void *)down_read_killable, (void *)down_read_trylock,
	(void *)down_write, (void *)down_write_killable, 
	(void *)down_write_trylock, (void *)up_read, (void *)up_write, (void *)down_read_interruptible,
	(void *)downgrade_write, (void *)rwsem_is_locked, (void *)init_rwsem, (void *)rwlock_init,
	(void *)migrate_disable, (void *)migrate_enable, (void *)rt_mutex_init, (void *)rt_mutex_lock,
	(void *)rt_mutex_lock_interruptible, (void *)rt_mutex_lock_killable, (void *)rt_mutex_trylock, (void *)rt_mutex_unlock,
	(void *)rt_mutex_is_locked, (void *)init_swait_queue_head, (void *)swait_active, (void *)swq_has_sleeper,
	(void *)swake_up_locked, (void *)swake_up_one, (void *)swake_up_all, (void *)prepare_to_swait_event, (void *)finish_swait,
	(void *)sched_set_fifo, (void *)sched_set_fifo_low, (void *)sched_set_normal, (void *)set_user_nice,
	(void *)put_cpu, (void *)mutex_lock, (void *)mutex_lock_io, (void *)mutex_lock_interruptible,
	(void *)mutex_lock_killable, (void *)mutex_trylock, (void *)mutex_unlock, (void *)mutex_is_locked,
	(void *)mutex_destroy, (void *)__guard_mutex_take, (void *)__guard_mutex_drop, (void *)__guard_mutex_try_take,
	(void *)__guard_mutex_try_drop, (void *)__guard_mutex_intr_take, (void *)__guard_mutex_intr_drop,
	(void *)__guard_mutex_kill_take, (void *)__guard_mutex_kill_drop, (void *)__guard_irq_take,
	(void *)__guard_irq_drop, (void *)__guard_irqsave_take, (void *)__guard_irqsave_drop, (void *)__guard_preempt_take,
	(void *)__guard_preempt_drop, (void *)__guard_bh_take, (void *)__guard_bh_drop, (void *)sema_init, (void *)down,
	(void *)down_interruptible, (void *)down_killable, (void *)down_timeout, (void *)down_trylock, (void *)up,
	(void *)init_completion, (void *)reinit_completion, (void *)init_completion_onstack, (void *)wait_for_completion,
	(void *)wait_for_completion_io, (void *)wait_for_completion_interruptible, (void *)wait_for_completion_killable,
	(void *)wait_for_completion_timeout, (void *)wait_for_completion_interruptible_timeout,
	(void *)wait_for_completion_killable_timeout, (void *)try_wait_for_completion, (void *)completion_done,
	(void *)complete, (void *)complete_all, (void *)INIT_LIST_HEAD, (void *)__list_add, (void *)list_add,
	(void *)list_add_tail, (void *)__list_del, (void *)__list_del_entry, (void *)list_del, (void *)list_del_init,
	(void *)list_replace, (void *)list_replace_init, (void *)list_move, (void *)list_move_tail, (void *)list_is_first,
	(void *)list_is_last, (void *)list_is_head, (void *)list_empty, (void *)list_empty_careful,
	(void *)list_is_singular, (void *)list_rotate_left, (void *)__list_splice, (void *)list_splice,
	(void *)list_splice_tail, (void *)list_splice_init, (void *)list_splice_tail_init, (void *)list_count_nodes,
	(void *)INIT_HLIST_NODE, (void *)hlist_unhashed, (void *)hlist_empty, (void *)__hlist_del, (void *)hlist_del,
	(void *)hlist_del_init, (void *)hlist_add_head, (void *)hlist_add_before, (void *)hlist_add_behind,
	(void *)init_llist_head, (void *)llist_empty, (void *)llist_add_batch, (void *)llist_add, (void *)llist_del_all,
	(void *)llist_del_first, (void *)llist_reverse_order, (void *)llist_next, (void *)task_pid_nr, (void *)might_sleep,
	(void *)might_fault, (void *)might_alloc, (void *)schedule, (void *)yield, (void *)cond_resched,
	(void *)cond_resched_lock, (void *)need_resched, (void *)cpu_relax, (void *)msleep, (void *)msleep_interruptible,
	(void *)ssleep, (void *)fsleep, (void *)usleep_range, (void *)udelay, (void *)ndelay, (void *)mdelay,
	(void *)signal_pending, (void *)fatal_signal_pending, (void *)signal_pending_state, (void *)schedule_timeout,
	(void *)schedule_timeout_interruptible, (void *)schedule_timeout_uninterruptible, (void *)schedule_timeout_killable,
	(void *)wake_up_process, (void *)wake_up_state, (void *)init_waitqueue_head, (void *)init_waitqueue_entry,
	(void *)init_wait_entry, (void *)waitqueue_active, (void *)wq_has_sleeper, (void *)add_wait_queue,
	(void *)add_wait_queue_exclusive, (void *)remove_wait_queue, (void *)prepare_to_wait,
	(void *)prepare_to_wait_exclusive, (void *)prepare_to_wait_event, (void *)finish_wait, (void *)__wake_up_common,
	(void *)__wake_up, (void *)__wake_up_locked, (void *)kthread_bind, (void *)kthread_should_stop,
	(void *)kthread_stop, (void *)kzalloc, (void *)kmalloc_node, (void *)kzalloc_node, (void *)kmalloc_array,
	(void *)kcalloc, (void *)kfree, (void *)kfree_sensitive, (void *)devm_kzalloc, (void *)devm_kmalloc,
	(void *)devm_kcalloc, (void *)devm_kfree, (void *)copy_to_user, (void *)copy_from_user, (void *)__copy_to_user,
	(void *)__copy_from_user, (void *)access_ok, (void *)request_irq, (void *)devm_request_irq, (void *)free_irq,
	(void *)devm_free_irq, (void *)disable_irq_nosync, (void *)disable_irq, (void *)enable_irq, (void *)synchronize_irq,
	(void *)synchronize_hardirq, (void *)disable_hardirq, (void *)irq_wake_thread,
	(void *)init_irq_work, (void *)irq_work_queue, (void *)irq_work_queue_on, (void *)irq_work_is_pending, (void *)irq_work_is_busy, (void *)irq_work_sync, (void *)request_any_context_irq,
	(void *)set_bit, (void *)clear_bit, (void *)change_bit, (void *)clear_bit_unlock, (void *)test_and_set_bit,
	(void *)test_and_set_bit_lock, (void *)test_and_clear_bit, (void *)test_and_change_bit, (void *)test_bit,
	(void *)test_bit_acquire, (void *)__set_bit, (void *)__clear_bit, (void *)__change_bit, (void *)__clear_bit_unlock,
	(void *)assign_bit, (void *)__test_and_set_bit, (void *)__test_and_clear_bit, (void *)__ffs, (void *)__fls,
	(void *)ffs, (void *)fls, (void *)fls64, (void *)hweight64, (void *)hweight32, (void *)hweight_long,
	(void *)find_next_bit, (void *)find_next_zero_bit, (void *)find_first_bit, (void *)find_first_zero_bit,
	(void *)refcount_set, (void *)refcount_read, (void *)refcount_add, (void *)refcount_inc,
	(void *)refcount_add_not_zero, (void *)refcount_inc_not_zero, (void *)refcount_sub_and_test,
	(void *)refcount_dec_and_test, (void *)refcount_dec, (void *)refcount_dec_if_one, (void *)refcount_dec_not_one,
	(void *)refcount_dec_and_mutex_lock, (void *)refcount_dec_and_lock, (void *)atomic_dec_and_mutex_lock,
	(void *)atomic_dec_and_lock, (void *)kref_init, (void *)kref_read, (void *)kref_get, (void *)kref_get_unless_zero,
	(void *)kref_put, (void *)kref_put_mutex, (void *)kref_put_lock, (void *)spin_lock_init, (void *)raw_spin_lock_init,
	(void *)spin_lock, (void *)raw_spin_lock, (void *)spin_lock_irq, (void *)raw_spin_lock_irq, (void *)spin_lock_bh,
	(void *)raw_spin_lock_bh, (void *)spin_unlock, (void *)raw_spin_unlock, (void *)spin_unlock_irq,
	(void *)raw_spin_unlock_irq, (void *)spin_unlock_bh, (void *)raw_spin_unlock_bh, (void *)spin_unlock_irqrestore,
	(void *)raw_spin_unlock_irqrestore, (void *)spin_trylock, (void *)raw_spin_trylock, (void *)spin_trylock_bh,
	(void *)raw_spin_trylock_bh, (void *)spin_trylock_irq, (void *)raw_spin_trylock_irq, (void *)spin_is_locked,
	(void *)raw_spin_is_locked, (void *)__guard_spinlock_take, (void *)__guard_raw_spinlock_take,
	(void *)__guard_spinlock_drop, (void *)__guard_raw_spinlock_drop, (void *)__guard_spinlock_irq_take,
	(void *)__guard_raw_spinlock_irq_take, (void *)__guard_spinlock_irq_drop, (void *)__guard_raw_spinlock_irq_drop,
	(void *)__guard_spinlock_bh_take, (void *)__guard_raw_spinlock_bh_take, (void *)__guard_spinlock_bh_drop,
	(void *)__guard_raw_spinlock_bh_drop, (void *)__guard_spinlock_irqsave_take,
	(void *)__guard_raw_spinlock_irqsave_take, (void *)__guard_spinlock_irqsave_drop,
	(void *)__guard_raw_spinlock_irqsave_drop, (void *)__guard_spinlock_try_take, (void *)__guard_raw_spinlock_try_take,
	(void *)__guard_spinlock_try_drop, (void *)__guard_raw_spinlock_try_drop, (void *)__guard_spinlock_irq_try_take,
	(void *)__guard_raw_spinlock_irq_try_take, (void *)__guard_spinlock_irq_try_drop,
	(void *)__guard_raw_spinlock_irq_try_drop, (void *)__guard_spinlock_bh_try_take,
	(void *)__guard_raw_spinlock_bh_try_take, (void *)__guard_spinlock_bh_try_drop,
	(void *)__guard_raw_spinlock_bh_try_drop, (void *)atomic_read, (void *)atomic_read_acquire, (void *)atomic_set,
	(void *)atomic_set_release, (void *)atomic_sub_and_test, (void *)atomic_add_negative, (void *)atomic_xchg,
	(void *)atomic_xchg_relaxed, (void *)atomic_xchg_acquire, (void *)atomic_xchg_release, (void *)atomic_cmpxchg,
	(void *)atomic_cmpxchg_relaxed, (void *)atomic_cmpxchg_acquire, (void *)atomic_cmpxchg_release,
	(void *)atomic_fetch_add_unless, (void *)atomic_add_unless, (void *)atomic_inc_not_zero,
	(void *)atomic_dec_if_positive, (void *)atomic_add, (void *)atomic_add_return, (void *)atomic_add_return_relaxed,
	(void *)atomic_add_return_acquire, (void *)atomic_add_return_release, (void *)atomic_sub, (void *)atomic_sub_return,
	(void *)atomic_sub_return_relaxed, (void *)atomic_sub_return_acquire, (void *)atomic_sub_return_release,
	(void *)atomic_fetch_add, (void *)atomic_fetch_add_release, (void *)atomic_fetch_sub,
	(void *)atomic_fetch_sub_release, (void *)atomic_fetch_and, (void *)atomic_fetch_and_release, (void *)atomic_and,
	(void *)atomic_fetch_or, (void *)atomic_fetch_or_release, (void *)atomic_or, (void *)atomic_fetch_xor,
	(void *)atomic_fetch_xor_release, (void *)atomic_xor, (void *)atomic_fetch_andnot,
	(void *)atomic_fetch_andnot_release, (void *)atomic_andnot, (void *)atomic_fetch_inc,
	(void *)atomic_fetch_inc_release, (void *)atomic_inc, (void *)atomic_fetch_dec, (void *)atomic_fetch_dec_release,
	(void *)atomic_dec, (void *)atomic64_read, (void *)atomic64_read_acquire, (void *)atomic64_set,
	(void *)atomic64_set_release, (void *)atomic64_sub_and_test, (void *)atomic64_add_negative, (void *)atomic64_xchg,
	(void *)atomic64_xchg_relaxed, (void *)atomic64_xchg_acquire, (void *)atomic64_xchg_release,
	(void *)atomic64_cmpxchg, (void *)atomic64_cmpxchg_relaxed, (void *)atomic64_cmpxchg_acquire,
	(void *)atomic64_cmpxchg_release, (void *)atomic64_fetch_add_unless, (void *)atomic64_add_unless,
	(void *)atomic64_inc_not_zero, (void *)atomic64_dec_if_positive, (void *)atomic64_add, (void *)atomic64_add_return,
	(void *)atomic64_add_return_relaxed, (void *)atomic64_add_return_acquire, (void *)atomic64_add_return_release,
	(void *)atomic64_sub, (void *)atomic64_sub_return, (void *)atomic64_sub_return_relaxed,
	(void *)atomic64_sub_return_acquire, (void *)atomic64_sub_return_release, (void *)atomic64_fetch_add,
	(void *)atomic64_fetch_add_release, (void *)atomic64_fetch_sub, (void *)atomic64_fetch_sub_release,
	(void *)atomic64_fetch_and, (void *)atomic64_fetch_and_release, (void *)atomic64_and, (void *)atomic64_fetch_or,
	(void *)atomic64_fetch_or_release, (void *)atomic64_or, (void *)atomic64_fetch_xor,
	(void *)atomic64_fetch_xor_release, (void *)atomic64_xor, (void *)atomic64_fetch_andnot,
	(void *)atomic64_fetch_andnot_release, (void *)atomic64_andnot, (void *)atomic64_fetch_inc,
	(void *)atomic64_fetch_inc_release, (void *)atomic64_inc, (void *)atomic64_fetch_dec,
	(void *)atomic64_fetch_dec_release, (void *)atomic64_dec, (void *)atomic_long_read,
	(void *)atomic_long_read_acquire, (void *)atomic_long_set, (void *)atomic_long_set_release,
	(void *)atomic_long_sub_and_test, (void *)atomic_long_add_negative, (void *)atomic_long_xchg,
	(void *)atomic_long_xchg_relaxed, (void *)atomic_long_xchg_acquire, (void *)atomic_long_xchg_release,
	(void *)atomic_long_cmpxchg, (void *)atomic_long_cmpxchg_relaxed, (void *)atomic_long_cmpxchg_acquire,
	(void *)atomic_long_cmpxchg_release, (void *)atomic_long_fetch_add_unless, (void *)atomic_long_add_unless,
	(void *)atomic_long_inc_not_zero, (void *)atomic_long_dec_if_positive, (void *)atomic_long_add,
	(void *)atomic_long_add_return, (void *)atomic_long_add_return_relaxed, (void *)atomic_long_add_return_acquire,
	(void *)atomic_long_add_return_release, (void *)atomic_long_sub, (void *)atomic_long_sub_return,
	(void *)atomic_long_sub_return_relaxed, (void *)atomic_long_sub_return_acquire,
	(void *)atomic_long_sub_return_release, (void *)atomic_long_fetch_add, (void *)atomic_long_fetch_add_release,
	(void *)atomic_long_fetch_sub, (void *)atomic_long_fetch_sub_release, (void *)atomic_long_fetch_and,
	(void *)atomic_long_fetch_and_release, (void *)atomic_long_and, (void *)atomic_long_fetch_or,
	(void *)atomic_long_fetch_or_release, (void *)atomic_long_or, (void *)atomic_long_fetch_xor,
	(void *)atomic_long_fetch_xor_release, (void *)atomic_long_xor, (void *)atomic_long_fetch_andnot,
	(void *)atomic_long_fetch_andnot_release, (void *)atomic_long_andnot, (void *)atomic_long_fetch_inc,
	(void *)atomic_long_fetch_inc_release, (void *)atomic_long_inc, (void *)atomic_long_fetch_dec,
	(void *)atomic_long_fetch_dec_release, (void *)atomic_long_dec,
	(void *)open_softirq, (void *)raise_softirq, (void *)raise_softirq_irqoff, (void *)__raise_softirq_irqoff,
	(void *)tasklet_setup, (void *)tasklet_init, (void *)tasklet_schedule, (void *)tasklet_hi_schedule,
	(void *)tasklet_disable_nosync, (void *)tasklet_disable_in_atomic, (void *)tasklet_disable, (void *)tasklet_enable,
	(void *)tasklet_kill, (void *)timer_setup, (void *)timer_setup_on_stack, (void *)timer_destroy_on_stack,
	(void *)destroy_timer_on_stack, (void *)timer_pending, (void *)mod_timer, (void *)mod_timer_pending,
	(void *)timer_reduce, (void *)add_timer, (void *)add_timer_on, (void *)timer_delete, (void *)del_timer,
	(void *)timer_shutdown, (void *)timer_delete_sync, (void *)del_timer_sync, (void *)del_singleshot_timer_sync,
	(void *)timer_shutdown_sync, (void *)try_to_del_timer_sync, (void *)msecs_to_jiffies, (void *)usecs_to_jiffies,
	(void *)secs_to_jiffies, (void *)jiffies_to_msecs, (void *)round_jiffies, (void *)round_jiffies_relative,
	(void *)ktime_set, (void *)ns_to_ktime, (void *)us_to_ktime, (void *)ms_to_ktime, (void *)hrtimer_setup,
	(void *)hrtimer_init, (void *)hrtimer_start, (void *)hrtimer_start_range_ns, (void *)hrtimer_restart,
	(void *)hrtimer_cancel, (void *)hrtimer_try_to_cancel, (void *)hrtimer_active, (void *)hrtimer_forward,
	(void *)hrtimer_forward_now,
	(void *)get_task_struct, (void *)put_task_struct, (void *)schedule_timeout_idle, (void *)io_schedule,
	(void *)io_schedule_timeout, (void *)schedule_hrtimeout_range, (void *)schedule_hrtimeout,
	(void *)init_waitqueue_func_entry, (void *)default_wake_function, (void *)autoremove_wake_function,
	(void *)woken_wake_function, (void *)__wake_up_common_key, (void *)__wake_up_key, (void *)kthread_stop_put,
	(void *)kthread_should_park,
	(void *)kthread_should_stop_or_park, (void *)kthread_parkme, (void *)kthread_unpark, (void *)kthread_park,
	(void *)set_freezable, (void *)try_to_freeze, (void *)freezing, (void *)kthread_freezable_should_stop,
	(void *)wait_woken, (void *)wake_up_var, (void *)wait_on_bit, (void *)wait_on_bit_io,
	(void *)wait_on_bit_timeout, (void *)wait_on_bit_lock, (void *)wake_up_bit, (void *)clear_and_wake_up_bit,
	(void *)kthread_init_worker, (void *)kthread_worker_fn, (void *)kthread_queue_work,
	(void *)kthread_queue_delayed_work, (void *)kthread_mod_delayed_work, (void *)kthread_flush_work,
	(void *)kthread_flush_worker, (void *)kthread_cancel_work_sync, (void *)kthread_cancel_delayed_work_sync,
	(void *)kthread_destroy_worker,
};
static void *lives[] = {
	(void *)module_is_live, (void *)try_module_get, (void *)__module_get, (void *)module_put, (void *)module_refcount,
	(void *)kthread_exit, (void *)kthread_complete_and_exit, (void *)__module_put_and_kthread_exit,
	(void *)dev_get_platdata, (void *)device_lock, (void *)device_trylock, (void *)device_lock_interruptible,
	(void *)device_unlock, (void *)devres_release_all, (void *)devm_kmalloc_array, (void *)devm_add_action,
	(void *)devm_add_action_or_reset, (void *)devm_remove_action, (void *)devm_release_action, (void *)get_device,
	(void *)put_device, (void *)device_initialize, (void *)device_add, (void *)device_register, (void *)device_del,
	(void *)device_unregister, (void *)platform_get_drvdata, (void *)platform_set_drvdata, (void *)platform_get_irq,
	(void *)platform_get_irq_optional, (void *)platform_driver_register, (void *)platform_driver_unregister,
	(void *)misc_register, (void *)misc_deregister, (void *)__open_and_use, (void *)__device_exists,
	(void *)__device_comes_and_goes, (void *)__device_shutdown,
};
static DEFINE_SPINLOCK(l); static DEFINE_RAW_SPINLOCK(rl); static DEFINE_MUTEX(m); static int x; static atomic_t a; static atomic64_t a64; static unsigned long fl;
static DECLARE_WAIT_QUEUE_HEAD(wq); static LIST_HEAD(h); static HLIST_HEAD(hh); static LLIST_HEAD(lh);
struct e { struct list_head l; struct hlist_node n; struct llist_node ll; struct rcu_head rcu; int v; u8 flex[]; };
static DEFINE_SEQLOCK(sl); static seqcount_t sc = SEQCNT_ZERO(sc); static seqcount_mutex_t scm = SEQCNT_MUTEX_ZERO(scm, &m); static seqcount_spinlock_t scs = SEQCNT_SPINLOCK_ZERO(scs, &l); static seqcount_raw_spinlock_t scr = SEQCNT_RAW_SPINLOCK_ZERO(scr, &rl); static DEFINE_RWLOCK(rw); static seqcount_rwlock_t scw = SEQCNT_RWLOCK_ZERO(scw, &rw); static seqcount_latch_t latch = SEQCNT_LATCH_ZERO(latch);
DEFINE_SRCU(srcu); DEFINE_STATIC_SRCU(static_srcu); static struct e __rcu *ep = RCU_INITIALIZER(NULL);
static irqreturn_t handle_irq(int irq, void *data) { return IRQ_HANDLED; }
static void tasklet_cb(struct tasklet_struct *ts) { struct owner { struct tasklet_struct task; } *o = from_tasklet(o, ts, task); x = o != NULL; }
static void tasklet_old(unsigned long data) { x = data; }
static void timer_cb(struct timer_list *tl) { struct owner { struct timer_list timer; } *o = from_timer(o, tl, timer), *o2 = timer_container_of(o2, tl, timer); x = o != o2; }
static void work_cb(struct kthread_work *work) { x = work->canceling; }
static struct work_struct ws; static struct delayed_work dw; static struct workqueue_struct *wqs;
static DECLARE_WORK(declared_work, NULL);
static DECLARE_DELAYED_WORK(declared_dwork, NULL);
static DECLARE_DEFERRABLE_WORK(declared_deferrable, NULL);
static DEFINE_RT_MUTEX(rt_mutex);
static DECLARE_SWAIT_QUEUE_HEAD(swait_queue);
static DEFINE_PER_CPU(local_lock_t, local) = INIT_LOCAL_LOCK(local);
static DEFINE_WW_CLASS(ww_class_of); static DEFINE_WD_CLASS(wd_class_of); static struct ww_mutex wwm; static struct lock_class_key map_key;
DEFINE_STATIC_PERCPU_RWSEM(percpu_static); static struct percpu_rw_semaphore percpu_made; static struct lockdep_map lmap = STATIC_LOCKDEP_MAP_INIT("map", &map_key);
struct bl { struct hlist_bl_node n; int v; }; static struct hlist_bl_head blh; static DECLARE_RWSEM(rwsem_of_macros);
static void macros(void)
{
	unsigned long flags; int i = 0, j = 2; struct e *p, *q; struct list_head *lp, *ln; struct hlist_node *hn; struct task_struct *t; int bit; u8 b8 = 1;
	spin_lock_irqsave(&l, flags); spin_unlock_irqrestore(&l, flags);
	spin_lock_irqsave_nested(&l, flags, 1); spin_unlock_irqrestore(&l, flags);
	spin_lock_nested(&l, 1); spin_unlock(&l); spin_lock_bh_nested(&l, 1); spin_unlock_bh(&l);
	raw_spin_lock_nested(&rl, 1); raw_spin_unlock(&rl); raw_spin_lock_irqsave(&rl, flags); raw_spin_unlock_irqrestore(&rl, flags);
	if (spin_trylock_irqsave(&l, flags)) spin_unlock_irqrestore(&l, flags);
	if (raw_spin_trylock_irqsave(&rl, flags)) raw_spin_unlock_irqrestore(&rl, flags);
	spin_lock_nest_lock(&l, &m); mutex_lock_nest_lock(&m, &l); mutex_lock_nested(&m, 1); i = mutex_lock_interruptible_nested(&m, 1); i = mutex_lock_killable_nested(&m, 1);
	assert_spin_locked(&l); assert_raw_spin_locked(&rl); lockdep_assert(x); lockdep_assert_held(&l); lockdep_assert_not_held(&m);
	lockdep_assert_irqs_disabled(); lockdep_assert_irqs_enabled(); lockdep_assert_preemption_disabled(); lockdep_assert_preemption_enabled(); lockdep_assert_in_softirq(); lockdep_assert_in_irq(); RCU_LOCKDEP_WARN(x, "text");
	local_lock(&local); local_unlock(&local); local_lock_irq(&local); local_unlock_irq(&local);
	local_lock_irqsave(&local, flags); local_unlock_irqrestore(&local, flags);
	local_lock_nested_bh(&local); local_unlock_nested_bh(&local); local_lock_init(this_cpu_ptr(&local));
	{ DECLARE_SWAITQUEUE(swait_entry); finish_swait(&swait_queue, &swait_entry); }
	swait_event_exclusive(swait_queue, 1); swait_event_idle_exclusive(swait_queue, 1);
	i = swait_event_interruptible_exclusive(swait_queue, 1);
	rt_mutex_lock_nested(&rt_mutex, 1); rt_mutex_unlock(&rt_mutex);
	local_irq_save(flags); local_irq_restore(flags); local_save_flags(flags); i = irqs_disabled_flags(flags);
	mutex_init(&m); smp_store_mb(x, 1); i = xchg(&x, 1); i = cmpxchg(&x, 1, 2); i = try_cmpxchg(&x, &j, 2); i = atomic_try_cmpxchg(&a, &j, 3); i = atomic_cond_read_acquire(&a, VAL > 0);
	i = min(1, 2) + max_t(long, 1, 2) + clamp(x, 1, 2) + min3(1, 2, 3) + round_up(x, 8) + roundup(x, 3) + DIV_ROUND_UP(x, 2) + ALIGN(x, 4) + ilog2(8) + is_power_of_2(x) + abs(x) + clamp_t(int, x, 1, 2);
	swap(i, j); for_each_set_bit(bit, &fl, 64) x++; flags = GENMASK(3, 1) | BIT(2) | BIT_ULL(3);
	wait_event(wq, x); wait_event_exclusive(wq, x); i = wait_event_interruptible(wq, x); i = wait_event_interruptible_exclusive(wq, x); i = wait_event_killable(wq, x); i = wait_event_timeout(wq, x, HZ); i = wait_event_interruptible_timeout(wq, x, HZ);
	i = wait_event_killable_timeout(wq, x, HZ); spin_lock_irq(&l); wait_event_lock_irq(wq, x, l); wait_event_lock_irq_cmd(wq, x, l, x++); i = wait_event_interruptible_lock_irq(wq, x, l); spin_unlock_irq(&l);
	wake_up(&wq); wake_up_nr(&wq, 2); wake_up_all(&wq); wake_up_locked(&wq); wake_up_all_locked(&wq); wake_up_interruptible(&wq); wake_up_interruptible_all(&wq);
	{ DECLARE_WAITQUEUE(w, current); DEFINE_WAIT(w2); add_wait_queue(&wq, &w); remove_wait_queue(&wq, &w); init_wait(&w2); }
	list_for_each(lp, &h) x++; list_for_each_safe(lp, ln, &h) x++; list_for_each_prev(lp, &h) x++; list_for_each_entry(p, &h, l) x++; list_for_each_entry_reverse(p, &h, l) x++; list_for_each_entry_safe(p, q, &h, l) x++;
	list_for_each_entry_safe_reverse(p, q, &h, l) x++; p = list_first_entry_or_null(&h, struct e, l); p = list_last_entry(&h, struct e, l); p = list_next_entry(p, l); p = list_prepare_entry(p, &h, l); list_for_each_entry_continue(p, &h, l) x++; list_for_each_entry_from(p, &h, l) x++;
	hlist_for_each(hn, &hh) x++; hlist_for_each_entry(p, &hh, n) x++; hlist_for_each_entry_safe(p, hn, &hh, n) x++; llist_for_each_entry(p, lh.first, ll) x++; llist_for_each_entry_safe(p, q, lh.first, ll) x++; INIT_HLIST_HEAD(&hh);
	t = kthread_run_on_cpu((int (*)(void *))NULL, NULL, 1, "t/%u"); might_sleep_if(x); set_current_state(TASK_INTERRUPTIBLE); __set_current_state(TASK_RUNNING);
	p = kmalloc_obj(*p); kfree(p); p = kzalloc_obj(*p); pr_emerg("x\n"); pr_debug("%d %s\n", x, "s"); dev_info(NULL, "a"); printk(KERN_ERR "z"); trace_printk("t %d", 1); WARN(x, "a %d", 1); WARN_ONCE(x, "b");
	{ static DEFINE_IRQ_WORK(iw, NULL); iw = IRQ_WORK_INIT(NULL); iw = IRQ_WORK_INIT_LAZY(NULL); iw = IRQ_WORK_INIT_HARD(NULL); i = IRQ_WORK_PENDING + IRQ_WORK_BUSY; }
	i = request_threaded_irq(3, NULL, handle_irq, IRQF_ONESHOT | IRQF_PERCPU | IRQF_PROBE_SHARED, "t", p); i = devm_request_threaded_irq(NULL, 3, handle_irq, NULL, IRQC_IS_NESTED | IRQC_IS_HARDIRQ, "t", p);
	assign_bit(1, &fl, true); i = BUILD_BUG_ON_ZERO(0); BUILD_BUG_ON(0); BUILD_BUG_ON_MSG(0, "t"); b8 = IRQ_RETVAL(x); i = struct_size(p, flex, 3) + sizeof_field(struct e, v) + offsetofend(struct e, v);
	scoped_guard(raw_spinlock_irqsave, &rl) x++; scoped_guard(spinlock_bh, &l) x++; scoped_guard(irqsave) x++; scoped_guard(preempt) x++; scoped_guard(irq) x++; scoped_guard(spinlock_irq, &l) x++; scoped_guard(raw_spinlock, &rl) x++; scoped_guard(spinlock_try, &l) x++;
	{ static DECLARE_TASKLET(ta, tasklet_cb); static DECLARE_TASKLET_DISABLED(tb, tasklet_cb); static DECLARE_TASKLET_OLD(tc, tasklet_old); static DECLARE_TASKLET_DISABLED_OLD(td, tasklet_old); tasklet_schedule(&ta); tasklet_schedule(&tb); tasklet_schedule(&tc); tasklet_schedule(&td); }
	INIT_WORK(&ws, NULL); INIT_WORK_ONSTACK(&ws, NULL); INIT_DELAYED_WORK(&dw, NULL); INIT_DELAYED_WORK_ONSTACK(&dw, NULL); INIT_DEFERRABLE_WORK(&dw, NULL);
	queue_work(system_wq, &ws); queue_work(system_percpu_wq, &ws); queue_work(system_bh_wq, &ws); queue_work(system_bh_highpri_wq, &ws); queue_work(system_highpri_wq, &ws); queue_work(system_long_wq, &ws); queue_work(system_unbound_wq, &ws); queue_work(system_dfl_wq, &ws); queue_work(system_freezable_wq, &ws); queue_work(system_power_efficient_wq, &ws); i = enable_and_queue_work(system_wq, &ws);
	wqs = alloc_workqueue("w%d", WQ_BH | WQ_UNBOUND | WQ_HIGHPRI | WQ_CPU_INTENSIVE | WQ_SYSFS | WQ_POWER_EFFICIENT | WQ_PERCPU, WQ_MAX_ACTIVE, 1); wqs = alloc_ordered_workqueue("%s", WQ_MEM_RECLAIM, "w"); wqs = create_workqueue("w"); wqs = create_freezable_workqueue("w"); wqs = create_singlethread_workqueue("w"); i = WORK_BUSY_PENDING | WORK_BUSY_RUNNING | WQ_DFL_ACTIVE | WQ_FREEZABLE | WORK_CPU_UNBOUND;
	p = rcu_dereference(ep); p = rcu_dereference_check(ep, lockdep_is_held(&m)); p = rcu_dereference_bh(ep); p = rcu_dereference_bh_check(ep, x); p = rcu_dereference_sched(ep); p = rcu_dereference_sched_check(ep, x); p = rcu_dereference_raw(ep); p = srcu_dereference(ep, &srcu); p = srcu_dereference_check(ep, &static_srcu, x);
	p = rcu_dereference_protected(ep, lockdep_is_held(&m)); p = rcu_access_pointer(ep); p = rcu_pointer_handoff(p); p = unrcu_pointer(ep); rcu_assign_pointer(ep, p); RCU_INIT_POINTER(ep, NULL); p = rcu_replace_pointer(ep, NULL, x); kfree_rcu(p, rcu); kvfree_rcu(p, rcu);
	list_for_each_entry_rcu(p, &h, l) x++; list_for_each_entry_rcu(p, &h, l, lockdep_is_held(&m)) x++; hlist_for_each_entry_rcu(p, &hh, n) x++; hlist_for_each_entry_rcu(p, &hh, n, x) x++; p = list_first_or_null_rcu(&h, struct e, l); p = list_entry_rcu(h.next, struct e, l); lp = list_next_rcu(&h);
	seqlock_init(&sl); write_seqlock_irqsave(&sl, flags); write_sequnlock_irqrestore(&sl, flags); read_seqlock_excl_irqsave(&sl, flags); read_sequnlock_excl_irqrestore(&sl, flags);
	i = read_seqcount_begin(&sc); i = raw_read_seqcount_begin(&scm); i = raw_read_seqcount(&scs); i = raw_seqcount_begin(&scr); i = read_seqcount_retry(&scw, i); i = raw_read_seqcount(&sc); write_seqcount_begin(&sc); write_seqcount_end(&sc); write_seqcount_begin(&scm); write_seqcount_end(&scm); write_seqcount_begin_nested(&scs, 1); write_seqcount_end(&scs); raw_write_seqcount_begin(&scr); raw_write_seqcount_end(&scr); write_seqcount_begin(&scw); write_seqcount_end(&scw); write_seqcount_invalidate(&sc); i = read_seqcount_latch(&latch);
	scoped_guard(rcu) x++; scoped_guard(srcu, &srcu) x++;
	wait_event_idle(wq, x); wait_event_idle_exclusive(wq, x); i = wait_event_freezable(wq, x); i = wait_event_freezable_timeout(wq, x, HZ); wait_event_cmd(wq, x, x++, x++); wait_event_exclusive_cmd(wq, x, x++, x++); i = wait_event_killable_exclusive(wq, x); i = wait_event_state(wq, x, TASK_KILLABLE);
	i = wait_event_idle_timeout(wq, x, HZ); i = wait_event_hrtimeout(wq, x, 1000); i = wait_event_interruptible_hrtimeout(wq, x, 1000); spin_lock_irq(&l); i = wait_event_interruptible_lock_irq_cmd(wq, x, l, x++); i = wait_event_lock_irq_timeout(wq, x, l, HZ); i = wait_event_interruptible_lock_irq_timeout(wq, x, l, HZ); spin_unlock_irq(&l);
	wake_up_sync(&wq); wake_up_poll(&wq, 1); wake_up_interruptible_poll(&wq, 1); wake_up_interruptible_nr(&wq, 2); { DEFINE_WAIT_FUNC(w3, woken_wake_function); add_wait_queue(&wq, &w3); wait_woken(&w3, TASK_INTERRUPTIBLE, HZ); remove_wait_queue(&wq, &w3); }
	wait_var_event(&x, x); i = wait_var_event_killable(&x, x); i = wait_var_event_interruptible(&x, x); i = wait_var_event_timeout(&x, x, HZ);
	{ static DEFINE_KTHREAD_WORKER(kw); static DEFINE_KTHREAD_WORK(work, work_cb); static DEFINE_KTHREAD_DELAYED_WORK(later, work_cb); struct kthread_worker *made = kthread_create_worker(KTW_FREEZABLE, "w/%d", 1); made = kthread_run_worker(0, "w"); kthread_init_work(&work, work_cb); kthread_init_delayed_work(&later, work_cb); kthread_queue_work(made, &work); kthread_queue_delayed_work(&kw, &later, HZ); }
	{ static DEFINE_TIMER(tm, timer_cb); x = time_after(jiffies, 1) + time_before(jiffies, 1) + time_after_eq(jiffies, 1) + time_before_eq(jiffies, 1) + time_is_before_jiffies(1) + time_is_after_jiffies(1) + time_is_before_eq_jiffies(1) + time_is_after_eq_jiffies(1) + time_in_range(jiffies, 1, 2) + time_in_range_open(jiffies, 1, 2) + time_after64(jiffies_64, 1) + time_before64(get_jiffies_64(), 1) + time_after_eq64(jiffies, 1) + time_before_eq64(jiffies, 1) + time_in_range64(jiffies, 1, 2) + time_is_before_jiffies64(1) + time_is_after_jiffies64(1); mod_timer(&tm, jiffies + NSEC_PER_SEC / NSEC_PER_USEC + TIMER_PINNED + TIMER_IRQSAFE + TIMER_DEFERRABLE + CLOCK_MONOTONIC); }
	{ struct ww_acquire_ctx wctx; ww_acquire_init(&wctx, &wd_class_of); ww_mutex_init(&wwm, &ww_class_of); i = ww_mutex_trylock(&wwm, &wctx); ww_acquire_fini(&wctx); }
	i = percpu_init_rwsem(&percpu_made); percpu_rwsem_assert_held(&percpu_static); i = percpu_rwsem_is_held(&percpu_made); scoped_guard(percpu_read, &percpu_made) x++; scoped_guard(percpu_write, &percpu_static) x++; scoped_guard(cpus_read_lock) x++;
	{ struct bl *b; struct hlist_bl_node *bn, *bnext; INIT_HLIST_BL_HEAD(&blh); hlist_bl_for_each(bn, &blh) x++; hlist_bl_for_each_entry(b, bn, &blh, n) x++; hlist_bl_for_each_entry_safe(b, bn, bnext, &blh, n) x++; hlist_bl_for_each_entry_rcu(b, bn, &blh, n) x += b->v; }
	lock_map_acquire(&lmap); lock_map_release(&lmap); lockdep_set_subclass(&m, 1); lockdep_set_class_and_subclass(&m, &map_key, 2); might_lock_nested(&m, 1); down_read_nest_lock(&rwsem_of_macros, &m); down_write_nest_lock(&rwsem_of_macros, &m);
	i = NETDEV_TX_OK + NETDEV_TX_BUSY + NAPI_POLL_WEIGHT;
	{ static DEFINE_KFIFO(kf, int, 4); struct kfifo kb; DECLARE_KFIFO_PTR(kp, long); DECLARE_KFIFO(ki, int, 2); long lv; INIT_KFIFO(ki); i = kfifo_put(&kf, 1) + kfifo_get(&kf, &i) + kfifo_peek(&kf, &i) + kfifo_in(&kf, &i, 1) + kfifo_out(&kf, &i, 1) + kfifo_out_peek(&kf, &i, 1) + kfifo_len(&kf) + kfifo_avail(&kf) + kfifo_size(&kf) + kfifo_esize(&kf) + kfifo_is_full(&kf) + kfifo_is_empty(&kf) + kfifo_initialized(&kf) + kfifo_is_empty_spinlocked(&kf, &l) + kfifo_in_spinlocked(&kf, &i, 1, &l) + kfifo_out_spinlocked(&kf, &i, 1, &l) + kfifo_in_spinlocked_noirqsave(&kf, &i, 1, &l) + kfifo_out_spinlocked_noirqsave(&kf, &i, 1, &l); kfifo_reset(&kf); kfifo_reset_out(&kf); kfifo_skip(&kf); kfifo_skip_count(&kf, 2); i = kfifo_alloc(&kb, 4, GFP_KERNEL) + kfifo_alloc(&kp, 2, GFP_KERNEL) + kfifo_init(&kb, &kf, 4) + kfifo_get(&kp, &lv); kfifo_free(&kb); kfifo_free(&kp); }
	{ static DEFINE_XARRAY(xa1); static DEFINE_XARRAY_ALLOC(xa2); static DEFINE_XARRAY_ALLOC1(xa3); static DEFINE_XARRAY_FLAGS(xa4, XA_FLAGS_LOCK_IRQ); static DEFINE_IDR(idr1); static DEFINE_IDA(ida1); unsigned long xi; u32 xid, xnext = 0; xa_init(&xa1); xa_init_flags(&xa2, XA_FLAGS_ALLOC); ida_init(&ida1); p = xa_load(&xa1, 1); p = xa_store(&xa1, 1, p, GFP_KERNEL); p = xa_store_bh(&xa1, 1, p, GFP_KERNEL); p = xa_store_irq(&xa1, 1, p, GFP_KERNEL); p = xa_erase(&xa1, 1); p = xa_erase_bh(&xa1, 1); p = xa_erase_irq(&xa1, 1); p = xa_cmpxchg(&xa1, 1, p, p, GFP_KERNEL); p = xa_cmpxchg_bh(&xa1, 1, p, p, GFP_KERNEL); p = xa_cmpxchg_irq(&xa1, 1, p, p, GFP_KERNEL); i = xa_insert(&xa1, 1, p, GFP_KERNEL) + xa_insert_bh(&xa1, 1, p, GFP_KERNEL) + xa_insert_irq(&xa1, 1, p, GFP_KERNEL) + xa_alloc(&xa2, &xid, p, xa_limit_32b, GFP_KERNEL) + xa_alloc_bh(&xa2, &xid, p, xa_limit_31b, GFP_KERNEL) + xa_alloc_irq(&xa3, &xid, p, XA_LIMIT(1, 5), GFP_KERNEL) + xa_alloc_cyclic(&xa2, &xid, p, xa_limit_16b, &xnext, GFP_KERNEL) + xa_alloc_cyclic_bh(&xa2, &xid, p, xa_limit_32b, &xnext, GFP_KERNEL) + xa_alloc_cyclic_irq(&xa2, &xid, p, xa_limit_32b, &xnext, GFP_KERNEL); xa_for_each(&xa1, xi, p) x++; xa_for_each_start(&xa1, xi, p, 1) x++; xa_for_each_range(&xa1, xi, p, 1, 3) x++; xa_lock(&xa4); xa_unlock(&xa4); xa_lock_bh(&xa4); xa_unlock_bh(&xa4); xa_lock_irq(&xa4); p = __xa_store(&xa4, 1, p, GFP_ATOMIC); p = __xa_erase(&xa4, 1); p = __xa_cmpxchg(&xa4, 1, p, p, GFP_ATOMIC); i = __xa_insert(&xa4, 1, p, GFP_ATOMIC) + __xa_alloc(&xa4, &xid, p, xa_limit_32b, GFP_ATOMIC) + __xa_alloc_cyclic(&xa4, &xid, p, xa_limit_32b, &xnext, GFP_ATOMIC); xa_unlock_irq(&xa4); xa_lock_irqsave(&xa4, flags); xa_unlock_irqrestore(&xa4, flags); if (xa_trylock(&xa4)) xa_unlock(&xa4); i = xa_is_err(p) + xa_err(p) + xa_is_value(xa_mk_value(3)) + xa_to_value(p) + xa_empty(&xa1); xa_destroy(&xa1); idr_init(&idr1); idr_init_base(&idr1, 1); idr_preload(GFP_KERNEL); i = idr_alloc(&idr1, p, 0, 0, GFP_NOWAIT) + idr_alloc_cyclic(&idr1, p, 0, 0, GFP_NOWAIT) + idr_alloc_u32(&idr1, p, &xid, 5, GFP_NOWAIT); idr_preload_end(); p = idr_find(&idr1, 1); p = idr_remove(&idr1, 1); p = idr_replace(&idr1, p, 1); idr_for_each_entry(&idr1, p, i) x++; idr_for_each_entry_continue(&idr1, p, i) x++; i = idr_for_each(&idr1, (int (*)(int, void *, void *))NULL, NULL) + idr_is_empty(&idr1) + idr_get_cursor(&idr1); idr_set_cursor(&idr1, 1); idr_destroy(&idr1); i = ida_alloc(&ida1, GFP_KERNEL) + ida_alloc_min(&ida1, 1, GFP_KERNEL) + ida_alloc_max(&ida1, 5, GFP_KERNEL) + ida_alloc_range(&ida1, 1, 2, GFP_KERNEL) + ida_simple_get(&ida1, 0, 3, GFP_KERNEL) + ida_is_empty(&ida1); ida_free(&ida1, 1); ida_simple_remove(&ida1, 1); ida_destroy(&ida1); }
	{ struct percpu_counter fbc; struct percpu_ref pr; struct u64_stats_sync sync; u64_stats_t st; call_single_data_t csd; cpumask_t cm; i = percpu_counter_init(&fbc, 0, GFP_KERNEL) + percpu_counter_initialized(&fbc) + percpu_counter_compare(&fbc, 5); percpu_counter_inc(&fbc); percpu_counter_dec(&fbc); percpu_counter_sub(&fbc, 1); percpu_counter_add_local(&fbc, 1); percpu_counter_sub_local(&fbc, 1); percpu_counter_set(&fbc, 3); i = percpu_counter_read(&fbc) + percpu_counter_read_positive(&fbc) + percpu_counter_sum_positive(&fbc); percpu_counter_destroy(&fbc); i = percpu_ref_init(&pr, NULL, PERCPU_REF_INIT_DEAD, GFP_KERNEL) + percpu_ref_tryget(&pr) + percpu_ref_tryget_live(&pr) + percpu_ref_is_zero(&pr) + percpu_ref_is_dying(&pr); percpu_ref_get(&pr); percpu_ref_put(&pr); percpu_ref_kill(&pr); percpu_ref_exit(&pr); u64_stats_init(&sync); u64_stats_update_begin(&sync); u64_stats_set(&st, 1); u64_stats_inc(&st); u64_stats_add(&st, 2); u64_stats_update_end(&sync); flags = u64_stats_update_begin_irqsave(&sync); u64_stats_update_end_irqrestore(&sync, flags); i = u64_stats_fetch_begin(&sync); i = u64_stats_read(&st) + u64_stats_fetch_retry(&sync, i); INIT_CSD(&csd, NULL, NULL); csd = CSD_INIT(NULL, NULL); i = smp_call_function_single(1, NULL, NULL, 1) + smp_call_function_single_async(1, &csd) + smp_call_function_any(cpumask_of(1), NULL, NULL, 1) + smp_call_on_cpu(1, NULL, NULL, true); smp_call_function(NULL, NULL, 1); preempt_disable(); smp_call_function_many(cpu_online_mask, NULL, NULL, true); preempt_enable(); on_each_cpu(NULL, NULL, 1); on_each_cpu_mask(&cm, NULL, NULL, true); on_each_cpu_cond(NULL, NULL, NULL, true); cpumask_clear(&cm); cpumask_setall(&cm); cpumask_set_cpu(1, &cm); cpumask_clear_cpu(1, &cm); __cpumask_set_cpu(1, &cm); __cpumask_clear_cpu(1, &cm); cpumask_copy(&cm, cpu_possible_mask); i = cpumask_empty(&cm) + cpumask_test_and_set_cpu(1, &cm) + cpumask_test_and_clear_cpu(1, &cm); for_each_cpu(i, &cm) x++; flags = refcount_dec_and_lock_irqsave((refcount_t *)&a, &l, &flags) + __llist_add(lh.first, &lh) + llist_on_list(lh.first); lh.first = __llist_del_all(&lh); lh.first = llist_del_first_init(&lh); }
	{ static DEFINE_PER_CPU(int, pcn) = 1; static DEFINE_PER_CPU_SHARED_ALIGNED(struct e, pce); int __percpu *pp = alloc_percpu(int); struct e *mine = get_cpu_ptr(&pce); put_cpu_ptr(&pce); get_cpu_var(pcn)++; put_cpu_var(pcn); for_each_online_cpu(i) per_cpu(pcn, i) = *per_cpu_ptr(pp, i) + mine->v; pp = alloc_percpu_gfp(int, GFP_ATOMIC); free_percpu(pp); pp = __alloc_percpu(4, 4); }
	{ static struct lockdep_map map = STATIC_LOCKDEP_MAP_INIT("map", &map); lockdep_init_map(&map, "map", NULL, 0); lock_map_acquire(&map); lock_map_release(&map); }
	{ struct shrinker *shrinker = shrinker_alloc(SHRINKER_NUMA_AWARE | SHRINKER_MEMCG_AWARE | SHRINKER_NONSLAB, "s%d", 1); i = register_shrinker(shrinker, "s"); x = SHRINK_STOP == SHRINK_EMPTY; i = SHRINKER_REGISTERED + SHRINKER_ALLOCATED; }
	i = put_user(1, (int __user *)NULL) + get_user(x, (int __user *)NULL) + mmap_lock_is_contended(current->mm) + ZERO_OR_NULL_PTR(p); p = ZERO_SIZE_PTR; mm_init(current->mm); mmap_write_lock_nested(current->mm, 1); scoped_guard(memalloc_nofs) x++; scoped_guard(memalloc_noio) x++; scoped_guard(mmap_read_lock, current->mm) x++;
	guard(mutex)(&m); panic("dead %d", x);
}
THREAD(t, macros);
