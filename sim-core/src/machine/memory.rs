//! Memory: static objects, the heap, locals whose address is taken, tasks.
//!
//! Invariant: every access goes through [`Machine::resolve`], so that one through a bad pointer is always noticed; an object, once freed, is never
//! the target of another pointer than stale ones. Memory is sequentially consistent: a store is seen by all at once.

use super::bytes::{get, get32, set, set32};
use super::event::What;
use super::kernel::{ALTERNATIVE, ORDINARY};
use super::layout::{CONSTANT, Slot, SlotKind};
use super::lock::Given;
use super::{Machine, Run};
use crate::finding::Kind;
use crate::model::{Bound, Growth, Observer};
use crate::program::{Allocator, AtomicOp, Fetch, GFP_NOFAIL, Scalar, Type, pointer, size_of};

/// Ids of heap objects and locals in pointers: this plus the slot.
pub(crate) const SLOT_BASE: u32 = 0x1000_0000;
/// Ids of tasks in pointers: this plus the context.
pub(crate) const TASK_BASE: u32 = 0x2000_0000;
/// The bytes of a `struct task_struct` that code may read: pid, tgid, comm, mm.
const TASK_SIZE: u32 = 32;
/// Where `mm` is among them.
const TASK_MM: u32 = 24;
/// The prelude's name for the address space of the rig's tasks.
const USER_MM: &str = "__user_mm";

/// A slot that holds nothing yet, or whose local is out of scope.
pub(crate) const VACANT: u8 = 0;
/// A slot with an object in it.
pub(crate) const LIVE: u8 = 1;
/// A heap slot whose object was freed.
pub(crate) const FREED: u8 = 2;

/// Marks of a slot of the heap: `kmemleak_not_leak()`, `kmemleak_ignore()`.
const NOT_A_LEAK: u8 = 1;
const IGNORED: u8 = 2;

/// What `kmalloc(0)` may give, and `kfree` ignores.
const ZERO_SIZE_PTR: u64 = 16;
/// A detail of `double_free`: the memory is another allocator's.
pub(crate) const WRONG_ALLOCATOR: u32 = 2;

/// Where an address leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// Bytes of the state, from this offset on; the slot that they are in.
    State(usize, Option<usize>),
    /// Bytes of a read-only object.
    Constant(u32, u32),
    /// Bytes of a task.
    Task(usize, u32),
}

/// Why an address leads nowhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fault(pub(crate) Kind, pub(crate) u32);

impl Machine {
    /// Where the `len` bytes at an address are.
    ///
    /// # Errors
    /// What is wrong with the address.
    pub(crate) fn resolve(&self, s: &[u8], address: u64, len: u32, write: bool) -> Result<Target, Fault> {
        let id = pointer::id(address);
        let offset = pointer::offset(address);
        let within = |size: u32| offset.checked_add(len).is_some_and(|end| end <= size);
        if id == 0 {
            return Err(Fault(Kind::NullDeref, 0));
        }
        if let Some(object) = self.program.objects.get(id as usize - 1) {
            return match self.layout.statics[id as usize - 1] {
                _ if !within(object.size) => Err(Fault(Kind::OutOfBounds, 0)),
                CONSTANT if write => Err(Fault(Kind::OutOfBounds, 1)),
                CONSTANT => Ok(Target::Constant(id - 1, offset)),
                at => Ok(Target::State(at + offset as usize, None)),
            };
        }
        if let Some(index) = id.checked_sub(SLOT_BASE).filter(|i| (*i as usize) < self.layout.slots.len()) {
            let slot = &self.layout.slots[index as usize];
            return match s[slot.status] {
                LIVE if within(slot.len(s)) => Ok(Target::State(slot.data + offset as usize, Some(index as usize))),
                LIVE => Err(Fault(Kind::OutOfBounds, 0)),
                _ => Err(Fault(Kind::UseAfterFree, 0)),
            };
        }
        if let Some(task) = id.checked_sub(TASK_BASE).filter(|t| (*t as usize) < self.layout.contexts.len()) {
            return if within(TASK_SIZE) && !write {
                Ok(Target::Task(task as usize, offset))
            } else {
                Err(Fault(Kind::OutOfBounds, 0))
            };
        }
        Err(Fault(Kind::NullDeref, 1))
    }

    /// The number at a resolved place.
    pub(crate) fn read(&self, s: &[u8], target: Target, ty: Scalar) -> u64 {
        match target {
            Target::State(at, _) => get(s, at, ty),
            Target::Constant(object, offset) => {
                let init = &self.program.objects[object as usize].init;
                let byte = |i: u32| init.get((offset + i) as usize).copied().unwrap_or(0) as u64;
                ty.wrap((0..ty.size as u32).fold(0, |value, i| value | byte(i) << (8 * i)))
            }
            Target::Task(context, offset) => {
                let byte = |i: u32| self.task_byte(context, offset + i) as u64;
                ty.wrap((0..ty.size as u32).fold(0, |value, i| value | byte(i) << (8 * i)))
            }
        }
    }

    fn task_byte(&self, context: usize, offset: u32) -> u8 {
        let pid = self.pid(context).to_le_bytes();
        match offset {
            0..8 => pid[offset as usize % 4],
            TASK_MM.. => self.address_space(context).to_le_bytes()[(offset - TASK_MM) as usize],
            _ => {
                let comm = self.layout.contexts[context].name.as_bytes();
                comm[..comm.len().min(15)].get(offset as usize - 8).copied().unwrap_or(0)
            }
        }
    }

    /// `current->mm`: kernel threads have none, nor does anybody where the program does not name its lock.
    fn address_space(&self, context: usize) -> u64 {
        let space = || self.program.objects.iter().position(|object| object.name == USER_MM);
        let own = (!self.layout.contexts[context].is_kthread()).then(space).flatten();
        own.map_or(0, |object| pointer::to_static(object as u32, 0))
    }

    /// A task's pid: fixed by its place among the contexts.
    pub(crate) fn pid(&self, context: usize) -> u32 {
        100 + context as u32
    }

    /// A number at an address, or `None` where there is none: for the curious, who cause no faults.
    pub(crate) fn peek(&self, s: &[u8], address: u64, ty: Scalar) -> Option<u64> {
        let target = self.resolve(s, address, ty.size as u32, false).ok()?;
        Some(self.read(s, target, ty))
    }

    /// The name of the byte at an address, as the source would write it.
    pub fn name_of(&self, address: u64) -> String {
        let id = pointer::id(address);
        let offset = pointer::offset(address);
        let with_path = |name: String, ty: Option<u32>| match ty {
            Some(ty) => {
                let path = crate::program::path(&self.program.types, ty, offset);
                format!("{name}{path}")
            }
            None if offset == 0 => name,
            None => format!("{name}+{offset}"),
        };
        if id == 0 {
            return if address == 0 { "NULL".into() } else { format!("{:#x}", address) };
        }
        if let Some(function) = pointer::function(address) {
            return self.program.functions.get(function as usize).map_or("?".into(), |f| f.name.clone());
        }
        if let Some(object) = self.program.objects.get(id as usize - 1) {
            return with_path(object.name.clone(), object.ty);
        }
        if let Some(slot) = id.checked_sub(SLOT_BASE).and_then(|i| self.layout.slots.get(i as usize)) {
            let name = match slot.kind {
                SlotKind::Local { function, local } => {
                    self.program.functions[function as usize].locals[local as usize].name.clone()
                }
                SlotKind::Heap { site } => self.heap_name(slot, site),
            };
            if let Some(name) = name.strip_prefix('*').filter(|_| slot.ty.is_some_and(|ty| self.is_array(ty))) {
                return with_path(name.to_owned(), slot.ty);
            }
            let name = with_path(name, slot.ty);
            return if matches!(slot.kind, SlotKind::Heap { .. }) { name.replacen('.', "->", 1) } else { name };
        }
        if let Some(task) = id.checked_sub(TASK_BASE).and_then(|t| self.layout.contexts.get(t as usize)) {
            return format!("task {}", task.name);
        }
        format!("{address:#x}")
    }

    /// The object that an address is in, without the path to the byte: `nic` rather than `nic->lock`.
    pub fn object_name(&self, address: u64) -> String {
        let name = self.name_of(address & !u64::from(u32::MAX));
        if pointer::id(address) >= TASK_BASE {
            return name;
        }
        let end = [name.find("->"), name.find('.'), name.find('[')].into_iter().flatten().min();
        name[..end.unwrap_or(name.len())].to_owned()
    }

    fn is_array(&self, ty: u32) -> bool {
        matches!(self.program.types[ty as usize], Type::Array { .. })
    }

    /// `nic` for memory that holds a `struct nic`, `*count` for other memory whose address a pointer `count` is given; the second and third object
    /// from one line are `nic#2`, `nic#3`.
    fn heap_name(&self, slot: &Slot, site: u32) -> String {
        let decl = &self.program.alloc_sites[site as usize];
        let source = &self.program.source;
        let line = || {
            let span = source.span(decl.span);
            source.line_column(span.file, span.lo).0
        };
        let what = match decl.ty.map(|ty| &self.program.types[ty as usize]) {
            Some(Type::Record { name, .. }) => name.trim_start_matches("struct ").to_owned(),
            Some(Type::Scalar { name, .. }) if name.starts_with("struct ") => {
                name.trim_start_matches("struct ").to_owned()
            }
            _ if !decl.pointer.is_empty() => format!("*{}", decl.pointer),
            Some(Type::Scalar { name, .. }) => format!("{name} of line {}", line()),
            _ => format!("memory of line {}", line()),
        };
        let range = self.layout.heap.get(&(slot.owner, site)).cloned().unwrap_or(0..0);
        match self.layout.slots[range].iter().take_while(|other| other.status != slot.status).count() {
            0 => what,
            nth => format!("{what}#{}", nth + 1),
        }
    }

    /// The slot of the heap that an address leads to the beginning of.
    fn heap_slot(&self, address: u64) -> Option<usize> {
        let index = pointer::id(address).checked_sub(SLOT_BASE)? as usize;
        let slot = self.layout.slots.get(index)?;
        (matches!(slot.kind, SlotKind::Heap { .. }) && pointer::offset(address) == 0).then_some(index)
    }

    /// How much memory was asked for at an address; 0 if there is none.
    pub(super) fn allocated_size(&self, s: &[u8], address: u64) -> u32 {
        let slot = self.heap_slot(address).map(|index| &self.layout.slots[index]);
        slot.filter(|slot| s[slot.status] == LIVE).map_or(0, |slot| slot.len(s))
    }

    /// What an allocation may come to: none that must not fail does.
    pub(super) fn may_allocate(&self, s: &[u8], context: usize) -> u8 {
        let failed = s[self.layout.globals + super::global::FAILED_ALLOCATIONS];
        let may_fail = failed < self.program.config.bounds.failed_allocations;
        let fails = may_fail && self.next_operand(s, context, 1).is_some_and(|gfp| gfp & GFP_NOFAIL == 0);
        if fails { ORDINARY | ALTERNATIVE } else { ORDINARY }
    }

    /// The slot of a local of the innermost activation of its function.
    pub(crate) fn local_slot(&self, s: &[u8], context: usize, function: usize, local: u16) -> Option<usize> {
        let count = self.layout.activations[context][function] as usize;
        let first = self.layout.locals[context][function] + local as usize * count;
        (first..first + count).rev().find(|slot| s[self.layout.slots[*slot].status] == LIVE)
    }

    /// The slots of a context's locals.
    pub(crate) fn local_slots(&self, context: usize) -> impl Iterator<Item = usize> {
        let own = move |slot: &Slot| slot.owner as usize == context && matches!(slot.kind, SlotKind::Local { .. });
        (0..self.layout.slots.len()).filter(move |index| own(&self.layout.slots[*index]))
    }

    /// Live heap objects that nothing points to: neither a static object, nor (through any chain) what one points to.
    pub(crate) fn leaked(&self, s: &[u8]) -> Vec<u32> {
        let is_heap = |slot: &Slot| matches!(slot.kind, SlotKind::Heap { .. });
        if !self.layout.slots.iter().any(|slot| is_heap(slot) && s[slot.status] == LIVE) {
            return Vec::new();
        }
        let mut reached = vec![false; self.layout.slots.len()];
        let mut todo: Vec<(usize, usize)> = self
            .layout
            .statics
            .iter()
            .zip(&self.program.objects)
            .filter(|(at, _)| **at != CONSTANT)
            .map(|(at, object)| (*at, object.size as usize))
            .chain(
                self.layout
                    .contexts
                    .iter()
                    .filter_map(|c| c.line.filter(|_| c.entry.is_none()))
                    .map(|at| (at, self.layout.irq.line_size())),
            )
            .collect();
        for at in self.kept_by_callbacks(s) {
            let slot =
                self.layout.slots.iter().position(|slot| (slot.data..slot.data + slot.size as usize).contains(&at));
            if let Some(index) = slot.filter(|index| !reached[*index]) {
                reached[index] = true;
                todo.push((self.layout.slots[index].data, self.layout.slots[index].len(s) as usize));
            }
        }
        for index in 0..self.layout.slots.len() {
            // What `kmemleak_not_leak()` was told of keeps alive what it points to; `kmemleak_ignore()` nothing.
            match self.layout.not_leaks.map_or(0, |marks| s[marks + index]) {
                NOT_A_LEAK if s[self.layout.slots[index].status] == LIVE && !reached[index] => {
                    reached[index] = true;
                    todo.push((self.layout.slots[index].data, self.layout.slots[index].len(s) as usize));
                }
                IGNORED => reached[index] = true,
                _ => {}
            }
        }
        while let Some((at, len)) = todo.pop() {
            for window in s[at..at + len].windows(8) {
                let mut word = [0; 8];
                word.copy_from_slice(window);
                let id = pointer::id(u64::from_le_bytes(word));
                let Some(index) = id.checked_sub(SLOT_BASE).map(|i| i as usize) else { continue };
                if index < reached.len() && !std::mem::replace(&mut reached[index], true) {
                    let slot = &self.layout.slots[index];
                    if s[slot.status] == LIVE {
                        todo.push((slot.data, slot.len(s) as usize));
                    }
                }
            }
        }
        let mut sites: Vec<u32> = self
            .layout
            .slots
            .iter()
            .enumerate()
            .filter(|(i, slot)| !reached[*i] && s[slot.status] == LIVE)
            .filter_map(|(_, slot)| if let SlotKind::Heap { site } = slot.kind { Some(site) } else { None })
            .collect();
        sites.sort_unstable();
        sites.dedup();
        sites
    }
}

impl Allocator {
    /// Whether its function that frees takes memory of another's.
    fn takes(self, other: Self) -> bool {
        match self {
            Self::Kvmalloc => other != Self::Pages,
            Self::Slab | Self::Vmalloc | Self::Pages => other == self,
        }
    }
}

impl Slot {
    /// The size of the object in it.
    pub(crate) fn len(&self, s: &[u8]) -> u32 {
        self.size_at.map_or(self.size, |at| get32(s, at))
    }
}

impl<O: Observer> Run<'_, O> {
    /// Resolves an address for the access that this instruction makes; a bad one is reported, and ends the context.
    pub(super) fn access(&mut self, address: u64, len: u32, write: bool) -> Option<Target> {
        match self.m.resolve(self.s, address, len, write) {
            Ok(target) => Some(target),
            Err(Fault(kind, detail)) => {
                self.fault(kind, detail, address);
                None
            }
        }
    }

    /// Reads a number for an instruction: as [`Machine::read`], and notices bytes that were never written.
    pub(super) fn load(&mut self, target: Target, ty: Scalar) -> u64 {
        if let Target::State(at, Some(slot)) = target {
            self.check_written(slot, at, ty.size as usize);
        }
        self.m.read(self.s, target, ty)
    }

    /// Writes a number.
    pub(super) fn store(&mut self, target: Target, ty: Scalar, value: u64) {
        if let Target::State(at, slot) = target {
            set(self.s, at, ty, value);
            self.mark_written(slot, at, ty.size as usize);
        }
    }

    fn check_written(&mut self, slot: usize, at: usize, len: usize) {
        let slot = &self.m.layout.slots[slot];
        if let Some(shadow) = slot.shadow {
            let first = at - slot.data;
            if (first..first + len).any(|byte| self.s[shadow + byte / 8] & (1 << (byte % 8)) == 0) {
                self.symptom(Kind::Uninitialised, 0);
            }
        }
    }

    fn mark_written(&mut self, slot: Option<usize>, at: usize, len: usize) {
        let Some(slot) = slot.map(|slot| &self.m.layout.slots[slot]) else { return };
        if let Some(shadow) = slot.shadow {
            let first = at - slot.data;
            for byte in first..first + len {
                self.s[shadow + byte / 8] |= 1 << (byte % 8);
            }
        }
    }

    /// `memcpy`: bytes that were never written stay so in the copy.
    pub(super) fn copy_bytes(&mut self, to: u64, from: u64, len: u32) -> Option<()> {
        if len == 0 {
            return Some(());
        }
        let target = self.access(to, len, true)?;
        let source = self.access(from, len, false)?;
        let bytes: Vec<u8> = (0..len).map(|i| self.m.read(self.s, source.plus(i), Scalar::U8) as u8).collect();
        let written: Vec<bool> = (0..len as usize).map(|i| self.written(source, i)).collect();
        if let Target::State(at, slot) = target {
            self.s[at..at + len as usize].copy_from_slice(&bytes);
            for (i, written) in written.iter().enumerate() {
                if *written {
                    self.mark_written(slot, at + i, 1);
                } else {
                    self.mark_unwritten(slot, at + i);
                }
            }
        }
        Some(())
    }

    fn written(&self, target: Target, i: usize) -> bool {
        let Target::State(at, Some(slot)) = target else { return true };
        let slot = &self.m.layout.slots[slot];
        slot.shadow.is_none_or(|shadow| {
            let byte = at + i - slot.data;
            self.s[shadow + byte / 8] & (1 << (byte % 8)) != 0
        })
    }

    fn mark_unwritten(&mut self, slot: Option<usize>, at: usize) {
        let Some(slot) = slot.map(|slot| &self.m.layout.slots[slot]) else { return };
        if let Some(shadow) = slot.shadow {
            let byte = at - slot.data;
            self.s[shadow + byte / 8] &= !(1 << (byte % 8));
        }
    }

    /// `memset`.
    pub(super) fn set_bytes(&mut self, to: u64, value: u8, len: u32) -> Option<()> {
        if len == 0 {
            return Some(());
        }
        if let Target::State(at, slot) = self.access(to, len, true)? {
            self.s[at..at + len as usize].fill(value);
            self.mark_written(slot, at, len as usize);
        }
        Some(())
    }

    /// `kmalloc`: the next slot of this site.
    pub(super) fn allocate(&mut self, site: u32, size: u64, zero: bool) -> Option<u64> {
        let size = u32::try_from(size).unwrap_or(u32::MAX);
        if size > 1 << 22 {
            return Some(0); // larger than KMALLOC_MAX_SIZE on common configurations: the kernel refuses
        }
        let context = self.context as u8;
        let range = self.m.layout.heap.get(&(context, site)).cloned().unwrap_or(0..0);
        let slots = &self.m.layout.slots;
        let outgrown = |size| Growth::Heap { context, site, size };
        let Some(index) = range.clone().find(|i| self.s[slots[*i].status] == VACANT) else {
            if range.len() >= self.m.program.config.bounds.allocations as usize {
                self.o.bound(Bound::Allocations);
                return Some(0);
            }
            return self.outgrow(outgrown(if range.is_empty() { size } else { 0 }));
        };
        let slot = &slots[index];
        if size > slot.size {
            return self.outgrow(outgrown(size));
        }
        self.s[slot.status] = LIVE;
        if let Some(at) = slot.size_at {
            set32(self.s, at, size);
        }
        if zero {
            self.mark_written(Some(index), slot.data, size as usize);
        }
        Some(((SLOT_BASE as u64) + index as u64) << 32)
    }

    /// `kfree`, `vfree`, `free_pages`.
    pub(super) fn free(&mut self, address: u64, by: Allocator) -> Given {
        self.tell(What::Freed { pointer: address });
        if matches!(address, 0 | ZERO_SIZE_PTR) {
            return Some(0);
        }
        if self.m.is_rt() {
            self.rtlock_might_resched();
        }
        let Some(slot) = self.m.heap_slot(address).map(|index| &self.m.layout.slots[index]) else {
            let kind = if pointer::id(address) == 0 { Kind::NullDeref } else { Kind::DoubleFree };
            self.fault(kind, 1, address);
            return None;
        };
        if self.s[slot.status] != LIVE {
            self.fault(Kind::DoubleFree, 0, address);
            return None;
        }
        if let SlotKind::Heap { site } = slot.kind
            && !by.takes(self.m.program.alloc_sites[site as usize].allocator)
        {
            self.symptom_at(Kind::DoubleFree, WRONG_ALLOCATOR, address);
        }
        let offsets: &[u32] = slot.ty.map_or(&[], |ty| &self.m.layout.locks[ty as usize]);
        let unit = slot.ty.map_or(0, |ty| size_of(&self.m.program.types, ty));
        let count = slot.len(self.s).checked_div(unit).unwrap_or(0);
        let all = (0..count).flat_map(|i| offsets.iter().map(move |o| slot.data + (i * unit + o) as usize));
        let held: Vec<usize> = all.filter(|at| self.s[*at] != 0).collect();
        if !held.is_empty() {
            self.symptom_at(Kind::HeldLockFreed, 0, address);
            held.into_iter().for_each(|at| self.gone(at));
        }
        self.forget_callbacks(slot.data..slot.data + slot.size as usize, address);
        self.forget_rcu_heads(slot.data..slot.data + slot.size as usize, address);
        if self.drop_pending(slot.data, slot.data + slot.size as usize) {
            self.symptom_at(Kind::FreeActive, 6, address);
        }
        self.erase(slot, FREED);
        Some(0)
    }

    /// `kmemleak_not_leak()`, `kmemleak_ignore()`
    pub(super) fn not_a_leak(&mut self, address: u64, scan: bool) -> Given {
        if let (Some(index), Some(marks)) = (self.m.heap_slot(address), self.m.layout.not_leaks) {
            self.s[marks + index] = if scan { NOT_A_LEAK } else { IGNORED };
        }
        Some(0)
    }

    /// Ends what is in a slot, and clears its bytes: nobody may read them again.
    fn erase(&mut self, slot: &Slot, status: u8) {
        self.s[slot.status] = status;
        self.s[slot.data..slot.data + slot.size as usize].fill(0);
        if let Some(at) = slot.size_at {
            set32(self.s, at, 0);
        }
        if let Some(shadow) = slot.shadow {
            self.s[shadow..shadow + (slot.size as usize).div_ceil(8)].fill(0);
        }
    }

    /// A block with a local in memory is entered.
    pub(super) fn local_live(&mut self, local: u16) -> Option<()> {
        let (context, function) = (self.context, self.function);
        let count = self.m.layout.activations[context][function] as usize;
        let outgrown = Growth::Locals { context: context as u8, function: function as u32 };
        let first = self.m.layout.locals[context][function] + local as usize * count;
        let slots = &self.m.layout.slots;
        let recursive = self.m.code.routines[function].recursive;
        let vacant = |s: &[u8], i: usize| s[slots[i].status] == VACANT;
        let index = if recursive { (first..first + count).find(|i| vacant(self.s, *i)) } else { Some(first) };
        let Some(index) = index.filter(|_| count > 0) else { return self.outgrow(outgrown) };
        self.erase(&slots[index], LIVE);
        Some(())
    }

    /// A block with a local in memory is left.
    pub(super) fn local_dead(&mut self, local: u16) {
        if let Some(index) = self.m.local_slot(self.s, self.context, self.function, local) {
            self.end_local(index);
        }
    }

    /// The local in a slot goes, if there is one.
    pub(super) fn end_local(&mut self, index: usize) {
        if self.s[self.m.layout.slots[index].status] == LIVE {
            let slot = &self.m.layout.slots[index];
            let offsets: &[u32] = slot.ty.map_or(&[], |ty| &self.m.layout.locks[ty as usize]);
            let all = offsets.iter().map(|o| slot.data + *o as usize);
            let held: Vec<usize> = all.filter(|at| self.s[*at] != 0).collect();
            if !held.is_empty() {
                let address = (SLOT_BASE as u64 + index as u64) << 32;
                self.symptom_at(Kind::HeldLockFreed, 1, address);
                held.into_iter().for_each(|at| self.gone(at));
            }
            let address = (SLOT_BASE as u64 + index as u64) << 32;
            self.forget_callbacks(slot.data..slot.data + slot.size as usize, address);
            self.forget_rcu_heads(slot.data..slot.data + slot.size as usize, address);
            if self.drop_pending(slot.data, slot.data + slot.size as usize) {
                self.symptom_at(Kind::FreeActive, 7, address);
            }
            self.erase(slot, VACANT);
        }
    }
}

impl Target {
    fn plus(self, bytes: u32) -> Self {
        match self {
            Self::State(at, slot) => Self::State(at + bytes as usize, slot),
            Self::Constant(object, offset) => Self::Constant(object, offset + bytes),
            Self::Task(context, offset) => Self::Task(context, offset + bytes),
        }
    }
}

/// What an atomic operation stores (if it does) and gives.
pub(crate) fn atomic(op: AtomicOp, ty: Scalar, fetch: Fetch, old: u64, a: u64, b: u64) -> (Option<u64>, u64) {
    let (a, b) = (ty.wrap(a), ty.wrap(b));
    let (store, new) = match op {
        AtomicOp::Add => (true, old.wrapping_add(a)),
        AtomicOp::Sub => (true, old.wrapping_sub(a)),
        AtomicOp::And => (true, old & a),
        AtomicOp::Or => (true, old | a),
        AtomicOp::Xor => (true, old ^ a),
        AtomicOp::AndNot => (true, old & !a),
        AtomicOp::Xchg => (true, a),
        AtomicOp::Cmpxchg => (old == a, b),
        AtomicOp::AddUnless => (old != b, old.wrapping_add(a)),
        AtomicOp::DecIfPositive => {
            let new = ty.wrap(old.wrapping_sub(1));
            ((Scalar { signed: true, ..ty }.wrap(new) as i64) >= 0, new)
        }
    };
    let new = ty.wrap(new);
    (store.then_some(new), if fetch == Fetch::Old { old } else { new })
}
