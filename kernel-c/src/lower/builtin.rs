//! What the prelude is built from: `__kernel_...` primitives, and the compiler's own `__builtin_...`.
//!
//! Invariant: a primitive is one instruction; whatever the kernel's API does beyond that is C in the prelude.

use super::api::{Gives, Primitive, primitive};
use super::code::Value;
use super::expr::strip;
use super::{Lower, Purpose, Rvalue};
use crate::ast::{Expr, ExprKind};
use crate::source_map::Place as SourcePlace;
use crate::types::{IntKind, Ty, Types};
use sim_core::program::{
    AllocSite, Allocator, AssertKind, AtomicOp, Fetch, GFP_ZERO, Inst, KernelCall, LOG_CONT, Mark, Order, Scalar,
    SpawnSite,
};

impl<'u> Lower<'u> {
    pub(super) fn builtin(&mut self, name: &str, arguments: &'u [Expr], place: SourcePlace) -> Rvalue {
        let bare = name.strip_prefix("__kernel_").unwrap_or(name);
        if let Some(known) = primitive(bare) {
            return self.primitive_call(known, arguments, place);
        }
        match (bare, arguments) {
            ("read_once", [e]) => self.marked_load(e, Mark::Once),
            ("write_once", [to, value]) => self.marked_store(to, value, Mark::Once, place),
            ("load_acquire", [pointer]) => self.pointer_load(pointer, Mark::Acquire),
            ("store_release", [pointer, value]) => self.pointer_store(pointer, value, Mark::Release),
            ("per_cpu_ptr", [pointer, cpu]) => self.per_cpu_ptr(pointer, cpu),
            ("this_cpu_read", [e]) => self.this_cpu_read(e),
            ("this_cpu_write", [to, value]) => self.this_cpu_write(to, value),
            ("this_cpu", [op, fetch, target, operands @ ..]) if operands.len() <= 2 => {
                self.this_cpu([op, fetch, target], operands, place)
            }
            ("alloc_percpu", [ty, gfp]) => self.alloc_percpu(ty, gfp, place),
            ("data_race", [e]) => {
                let saved = std::mem::replace(&mut self.racy, true);
                let value = self.rvalue(e);
                self.racy = saved;
                value
            }
            ("atomic", [op, fetch, order, rest @ ..]) => self.atomic(op, fetch, order, rest, place),
            ("alloc", [size, gfp, zero]) => self.alloc(Allocator::Slab, size, gfp, zero, place),
            ("alloc_as", [by, size, gfp, zero]) => self.alloc(allocator(word(by)), size, gfp, zero, place),
            ("free_as", [by, pointer]) => {
                let pointer = self.rvalue(pointer).value;
                self.kernel(KernelCall::FreeAs { allocator: allocator(word(by)) }, &[pointer], Types::VOID)
            }
            ("kthread_create", [function, data, format, ..]) => self.spawn(function, data, format, place),
            ("request_irq", [irq, handler, flags, dev]) => self.request_irq([irq, handler, flags, dev], None),
            ("request_threaded_irq", [irq, handler, thread, flags, dev, name]) => {
                self.request_irq([irq, handler, flags, dev], Some((thread, name)))
            }
            ("time_after", [a, b]) => self.time_after([a, b]),
            ("wq_init", [wq, flags, max_active, format, ..]) => self.workqueue([wq, flags, max_active], format),
            ("printk", [level, most, format, rest @ ..]) => self.printk(level, most, format, rest, place),
            ("printk_plain", [most, format, rest @ ..]) => self.printk_plain(most, format, rest, place),
            ("panic", [format, rest @ ..]) => self.panic(format, rest, place),
            ("bug", []) => self.bug(place),
            ("bug_on", [e]) => self.claim(AssertKind::Bug, e, true),
            ("warn_on", [e]) => self.claim(AssertKind::Warn, e, true),
            ("lockdep_assert", [e]) => self.claim(AssertKind::Lockdep, e, false),
            ("rcu_warn", [e, text, ..]) => self.texted_claim(AssertKind::Rcu, e, true, text),
            ("assert_text", [e, text]) => self.texted_claim(AssertKind::Lockdep, e, false, text),
            ("refcount_assert", [e, text]) => self.texted_claim(AssertKind::Refcount, e, false, text),
            ("build_bug_on", [e, rest @ ..]) => self.build_bug_on(e, rest),
            ("memcpy", [to, from, size]) => self.memory_copy(to, from, size),
            ("memset", [to, value, size]) => self.memory_set(to, value, size),
            ("not_modelled", [name]) => self.not_modelled(name, place),
            ("__builtin_expect", [e, _]) | ("__builtin_assume_aligned", [e, ..]) => self.rvalue(e),
            ("__builtin_constant_p", [e]) => {
                let constant = self.try_constant(e).is_some();
                self.int_value(i64::from(constant))
            }
            ("__builtin_types_compatible_p", [a, b]) => {
                let (a, b) = (self.type_of(a), self.type_of(b));
                let same = self.compatible(a.ty, b.ty);
                self.int_value(i64::from(same))
            }
            ("__builtin_choose_expr", [condition, yes, no]) => match self.constant(condition) {
                Some(0) => self.rvalue(no),
                Some(_) => self.rvalue(yes),
                None => self.error_value(),
            },
            ("__builtin_unreachable" | "__builtin_trap", []) => self.bug(place),
            ("__builtin_prefetch", [e, ..]) => {
                self.rvalue(e);
                self.void_value()
            }
            _ => {
                self.error(place, format!("`{name}` is not known, or not with {} arguments", arguments.len()));
                self.error_value()
            }
        }
    }

    fn gives(&mut self, gives: Gives) -> Ty {
        match gives {
            Gives::Nothing => Types::VOID,
            Gives::Int => self.int_type(),
            Gives::Flags => self.types.int(IntKind::ULong),
            Gives::Long => self.types.int(IntKind::Long),
            Gives::Pointer => self.void_pointer(),
        }
    }

    fn primitive_call(&mut self, known: Primitive, arguments: &'u [Expr], place: SourcePlace) -> Rvalue {
        if arguments.len() != known.arguments {
            self.error(place, format!("this primitive takes {} arguments", known.arguments));
            return self.error_value();
        }
        let mut call = known.call;
        let mut arguments = arguments;
        if let KernelCall::Acquire { subclass, nest: false, .. } = &mut call
            && let [lock, class] = arguments
        {
            *subclass = self.constant(class).unwrap_or(0).clamp(0, 7) as u8;
            arguments = std::slice::from_ref(lock);
        }
        let values: Vec<Value> = arguments.iter().map(|e| self.rvalue(e).value).collect();
        let ty = self.gives(known.gives);
        self.kernel(call, &values, ty)
    }

    /// A kernel call with these arguments.
    pub(super) fn kernel(&mut self, call: KernelCall, values: &[Value], ty: Ty) -> Rvalue {
        let args = values.iter().map(|v| self.reg_of(*v)).collect();
        let dst = self.types.scalar(ty).map(|s| self.b.reg(s));
        self.b.emit(Inst::Kernel { call, dst, args });
        Rvalue::new(ty, dst.map_or(Value::Const(0), Value::Reg))
    }

    fn marked_load(&mut self, e: &'u Expr, mark: Mark) -> Rvalue {
        let mut place = self.lvalue(e);
        self.of_one_cpu(&place, e.place);
        place.mark = Some(mark);
        if !self.types.is_error(place.ty.ty) && self.types.scalar(place.ty.ty).is_none() {
            self.error(e.place, "only a number or a pointer can be read in one piece");
            return self.error_value();
        }
        self.load(&place)
    }

    fn marked_store(&mut self, to: &'u Expr, value: &'u Expr, mark: Mark, at: SourcePlace) -> Rvalue {
        let mut place = self.lvalue(to);
        place.mark = Some(mark);
        let value_place = value.place;
        let value = self.rvalue(value);
        if !self.check_assignable(&place, to.place) {
            return self.error_value();
        }
        if self.types.scalar(place.ty.ty).is_none() {
            self.error(at, "only a number or a pointer can be written in one piece");
            return self.error_value();
        }
        let value = self.assignable(value, place.ty.ty, value_place, "assigned to");
        self.store(&place, value.value);
        self.void_value()
    }

    fn pointed(&mut self, pointer: &'u Expr, mark: Mark) -> super::access::Place {
        let value = self.rvalue(pointer);
        match self.types.pointee(value.ty) {
            Some(to) if self.types.scalar(to.ty).is_some() => {
                self.of_one_cpu(&super::access::Place::memory(to, value.value), pointer.place);
                let mut place = super::access::Place::memory(to, value.value);
                place.mark = Some(mark);
                place
            }
            _ => {
                if !self.types.is_error(value.ty) {
                    self.error(pointer.place, "this must be a pointer to a number or to a pointer");
                }
                self.error_place()
            }
        }
    }

    fn pointer_load(&mut self, pointer: &'u Expr, mark: Mark) -> Rvalue {
        let place = self.pointed(pointer, mark);
        self.load(&place)
    }

    fn pointer_store(&mut self, pointer: &'u Expr, value: &'u Expr, mark: Mark) -> Rvalue {
        let place = self.pointed(pointer, mark);
        let value_place = value.place;
        let value = self.rvalue(value);
        if self.check_assignable(&place, pointer.place) {
            let value = self.assignable(value, place.ty.ty, value_place, "assigned to");
            self.store(&place, value.value);
        }
        self.void_value()
    }

    /// `__kernel_atomic(OP, FETCH, ORDER, pointer, a[, b])`
    fn atomic(
        &mut self,
        op: &'u Expr,
        fetch: &'u Expr,
        order: &'u Expr,
        rest: &'u [Expr],
        place: SourcePlace,
    ) -> Rvalue {
        let (Some(op), Some(order)) = (atomic_op(word(op)), atomic_order(word(order))) else {
            self.error(place, "unknown atomic operation");
            return self.error_value();
        };
        let (pointer, operands) = match rest {
            [pointer, operands @ ..] if operands.len() <= 2 => (pointer, operands),
            _ => return self.error_value(),
        };
        let target = self.pointed(pointer, Mark::Once);
        self.atomic_on(op, word(fetch), order, &target, operands)
    }

    /// An atomic operation on a place.
    pub(super) fn atomic_on(
        &mut self,
        op: AtomicOp,
        fetch: &str,
        order: Order,
        target: &super::access::Place,
        operands: &'u [Expr],
    ) -> Rvalue {
        let Some(ty) = self.types.scalar(target.ty.ty).filter(|_| !self.types.is_error(target.ty.ty)) else {
            return self.error_value();
        };
        let mut values = Vec::new();
        for e in operands {
            let value = self.rvalue(e);
            values.push(self.assignable(value, target.ty.ty, e.place, "passed as").value);
        }
        let addr_value = self.address(target);
        let a = self.reg_typed(values.first().copied().unwrap_or(Value::Const(0)), ty);
        let b = match values.get(1) {
            Some(b) => self.reg_typed(*b, ty),
            None => a,
        };
        let addr = self.reg_of(addr_value);
        let (fetch, wants) = match fetch {
            "NEW" => (Fetch::New, true),
            "OLD" => (Fetch::Old, true),
            _ => (Fetch::Old, false),
        };
        let dst = wants.then(|| self.b.reg(ty));
        self.b.emit(Inst::Atomic { op, ty, fetch, dst, addr, a, b, order });
        match dst {
            Some(dst) => Rvalue::new(target.ty.ty, Value::Reg(dst)),
            None => self.void_value(),
        }
    }

    /// `__kernel_alloc(size, gfp, zero)`: what it is for is what it is assigned to.
    fn alloc(
        &mut self,
        allocator: Allocator,
        size: &'u Expr,
        gfp: &'u Expr,
        zero: &'u Expr,
        place: SourcePlace,
    ) -> Rvalue {
        let Purpose { ty: wanted, name } = std::mem::take(&mut self.purpose);
        let size = self.rvalue(size).value;
        let gfp = self.rvalue(gfp).value;
        let zero = self.constant(zero) == Some(1) || matches!(gfp, Value::Const(gfp) if gfp & GFP_ZERO != 0);
        let constant = match size {
            Value::Const(n) => u32::try_from(n).ok(),
            _ => None,
        };
        let ty = wanted.and_then(|ty| self.site_type(ty, constant));
        let site = self.out.alloc_sites.len() as u32;
        let span = self.span(place);
        let pointer = name.unwrap_or_default().to_owned();
        self.out.alloc_sites.push(AllocSite { size: constant, ty, pointer, span, allocator });
        let pointer = self.void_pointer();
        self.kernel(KernelCall::Alloc { site, zero }, &[size, gfp], pointer)
    }

    /// What memory is for whose address goes to a pointer of this type and name.
    pub(super) fn purpose_of(&self, pointer: Ty, name: Option<&'u str>) -> Purpose<'u> {
        Purpose { ty: self.types.pointee(pointer).map(|t| t.ty), name }
    }

    /// The type of memory for objects of `ty`: one, or an array of as many as there is room for.
    fn site_type(&mut self, ty: Ty, size: Option<u32>) -> Option<u32> {
        let one = self.types.size_of(ty)?;
        if one == 0 || self.types.is_void(ty) {
            return None;
        }
        let element = self.type_out(ty);
        match size {
            Some(size) if u64::from(size) < 2 * one => Some(element),
            _ if self.types.is_record(ty) && size.is_none_or(|s| u64::from(s) % one != 0) => Some(element),
            Some(size) => Some(self.array_out(element, size / one as u32)),
            None => Some(self.array_out(element, 0)),
        }
    }

    fn spawn(&mut self, function: &'u Expr, data: &'u Expr, format: &'u Expr, place: SourcePlace) -> Rvalue {
        let int = self.int_type();
        let void_pointer = self.void_pointer();
        let wanted = self.function_pointer(int.into(), vec![void_pointer.into()]);
        let given = self.rvalue(function);
        let function_value = self.assignable(given, wanted, function.place, "passed as");
        let given = self.rvalue(data);
        let data_value = self.assignable(given, void_pointer, data.place, "passed as");
        let name = self.literal(format).map_or(String::new(), |text| without_conversions(&text));
        let name = if name.is_empty() { "kthread".to_string() } else { name };
        let site = self.out.spawn_sites.len() as u32;
        let span = self.span(place);
        self.out.spawn_sites.push(SpawnSite { name, span });
        self.kernel(KernelCall::KthreadCreate { site }, &[function_value.value, data_value.value], void_pointer)
    }

    /// `__kernel_wq_init(wq, flags, max_active, format, ...)`
    fn workqueue(&mut self, arguments: [&'u Expr; 3], format: &'u Expr) -> Rvalue {
        let name = self.literal(format).map_or(String::new(), |text| without_conversions(&text));
        let name = self.string(if name.is_empty() { "workqueue" } else { &name });
        let values = arguments.map(|e| self.rvalue(e).value);
        self.kernel(KernelCall::WqInit { name }, &values, Types::VOID)
    }

    /// `__kernel_request_irq(irq, handler, flags, dev)`, `__kernel_request_threaded_irq(irq, handler, thread, flags, dev, name)`
    fn request_irq(&mut self, arguments: [&'u Expr; 4], thread: Option<(&'u Expr, &'u Expr)>) -> Rvalue {
        let [irq, handler, flags, dev] = arguments.map(|e| self.rvalue(e).value);
        let name =
            thread.and_then(|(_, name)| self.literal(name)).map_or(String::new(), |text| without_conversions(&text));
        let site = thread.map(|_| self.out.spawn_sites.len() as u32);
        if site.is_some() {
            self.out.spawn_sites.push(SpawnSite { name, span: self.b.span });
        }
        let thread = thread.map_or(Value::Const(0), |(thread, _)| self.rvalue(thread).value);
        let int = self.int_type();
        self.kernel(KernelCall::RequestIrq { thread: site }, &[irq, handler, thread, flags, dev], int)
    }

    /// `__kernel_time_after(a, b)`: `jiffies` itself is read in the same step.
    fn time_after(&mut self, times: [&'u Expr; 2]) -> Rvalue {
        let now = times.map(is_jiffies);
        let long = self.types.int(IntKind::ULong);
        let values = times.map(|e| match is_jiffies(e) {
            true => Value::Const(0),
            false => {
                let value = self.rvalue(e);
                self.assignable(value, long, e.place, "compared as").value
            }
        });
        let ty = self.int_type();
        self.kernel(KernelCall::TimeAfter { now }, &values, ty)
    }

    /// The text of a string literal.
    fn literal(&mut self, e: &'u Expr) -> Option<String> {
        match &strip(e).kind {
            ExprKind::String(literal) => Some(literal.text()),
            _ => None,
        }
    }

    fn printk(
        &mut self,
        level: &'u Expr,
        most: &'u Expr,
        format: &'u Expr,
        rest: &'u [Expr],
        place: SourcePlace,
    ) -> Rvalue {
        let level = self.constant(level).unwrap_or(6).clamp(0, i64::from(LOG_CONT)) as u8;
        let most = self.most(most);
        match self.literal(format) {
            Some(text) => self.log(level, most, &text, rest, place),
            None => {
                self.error(format.place, "the format must be a string literal");
                self.error_value()
            }
        }
    }

    /// `printk(KERN_ERR "...")`: the level is in the text; 4 (`KERN_WARNING`) if none is.
    fn printk_plain(&mut self, most: &'u Expr, format: &'u Expr, rest: &'u [Expr], place: SourcePlace) -> Rvalue {
        let most = self.most(most);
        let Some(text) = self.literal(format) else {
            self.error(format.place, "the format must be a string literal");
            return self.error_value();
        };
        let mut chars = text.chars();
        match (chars.next(), chars.next().and_then(|c| c.to_digit(8))) {
            (Some('\u{1}'), Some(level)) => {
                let rest_of_text = chars.as_str().to_string();
                self.log(level as u8, most, &rest_of_text, rest, place)
            }
            _ => match text.strip_prefix("\u{1}c") {
                Some(goes_on) => self.log(LOG_CONT, most, goes_on, rest, place),
                None => self.log(4, most, &text, rest, place),
            },
        }
    }

    /// How many lines a place may print.
    fn most(&mut self, most: &'u Expr) -> u8 {
        self.constant(most).unwrap_or(0).clamp(0, 255) as u8
    }

    /// The values that a format is filled with.
    fn format_values(&mut self, text: &str, rest: &'u [Expr], place: SourcePlace) -> Vec<Value> {
        let wants = conversions(text);
        if wants != rest.len() {
            self.warn(place, format!("the format has {wants} conversions, and {} values are given", rest.len()));
        }
        let mut values = Vec::new();
        for e in rest {
            let value = self.rvalue(e);
            if self.check_scalar(value, e.place, "what is printed") {
                values.push(value.value);
            }
        }
        values
    }

    fn log(&mut self, level: u8, most: u8, text: &str, rest: &'u [Expr], place: SourcePlace) -> Rvalue {
        let values = self.format_values(text, rest, place);
        let format = self.string(text);
        let int = self.int_type();
        self.kernel(KernelCall::Printk { format, level, most }, &values, Types::VOID);
        Rvalue::new(int, Value::Const(0))
    }

    fn panic(&mut self, format: &'u Expr, rest: &'u [Expr], place: SourcePlace) -> Rvalue {
        let text = self.literal(format).unwrap_or_default();
        let values = self.format_values(&text, rest, place);
        let format = self.string(&text);
        self.kernel(KernelCall::Panic { format }, &values, Types::VOID);
        self.b.emit(Inst::Return { value: None });
        self.void_value()
    }

    /// `BUG()`: the context ends here.
    fn bug(&mut self, _place: SourcePlace) -> Rvalue {
        let holds = self.reg_typed(Value::Const(0), Scalar::U8);
        let text = self.string("BUG()");
        self.b.emit(Inst::Assert { kind: AssertKind::Bug, holds, text });
        self.b.emit(Inst::Return { value: None });
        self.void_value()
    }

    /// A claim with the expression's own text. `fails_if`: the expression says what must not be; its truth is the result.
    fn claim(&mut self, kind: AssertKind, e: &'u Expr, fails_if: bool) -> Rvalue {
        let text = self.map.text(e.place).to_string();
        self.claim_with(kind, e, fails_if, &text)
    }

    fn texted_claim(&mut self, kind: AssertKind, e: &'u Expr, fails_if: bool, text: &'u Expr) -> Rvalue {
        let text = self.literal(text).unwrap_or_default();
        self.claim_with(kind, e, fails_if, &text)
    }

    fn claim_with(&mut self, kind: AssertKind, e: &'u Expr, fails_if: bool, text: &str) -> Rvalue {
        let value = self.rvalue(e);
        if self.types.is_error(value.ty) || !self.check_scalar(value, e.place, "a condition") {
            return self.error_value();
        }
        let truth = Rvalue { ty: self.int_type(), value: self.truth_of(value), truth: true };
        let holds = if fails_if { self.unary(crate::ast::UnaryOp::Not, truth, e.place).value } else { truth.value };
        let text = self.string(text);
        let holds = self.reg_typed(holds, Scalar::U8);
        self.b.emit(Inst::Assert { kind, holds, text });
        truth
    }

    fn build_bug_on(&mut self, e: &'u Expr, rest: &'u [Expr]) -> Rvalue {
        if self.constant(e).is_some_and(|v| v != 0) {
            let why = rest.first().and_then(|t| self.literal(t)).map_or(String::new(), |t| format!(": {t}"));
            self.error(e.place, format!("BUILD_BUG_ON failed{why}"));
        }
        self.int_value(0)
    }

    fn sized(&mut self, e: &'u Expr) -> Value {
        let value = self.rvalue(e);
        let size_type = self.types.int(IntKind::ULong);
        self.assignable(value, size_type, e.place, "passed as").value
    }

    fn memory_copy(&mut self, to: &'u Expr, from: &'u Expr, size: &'u Expr) -> Rvalue {
        let to = self.rvalue(to);
        let from = self.rvalue(from).value;
        let size = self.sized(size);
        let (to_reg, from) = (self.reg_of(to.value), self.reg_of(from));
        let size = self.reg_of(size);
        self.b.emit(Inst::CopyMemory { to: to_reg, from, size });
        to
    }

    fn memory_set(&mut self, to: &'u Expr, value: &'u Expr, size: &'u Expr) -> Rvalue {
        let to = self.rvalue(to);
        let value = self.rvalue(value).value;
        let size = self.sized(size);
        let to_reg = self.reg_of(to.value);
        let value = self.reg_of(value);
        let size = self.reg_of(size);
        self.b.emit(Inst::SetMemory { to: to_reg, value, size });
        to
    }

    fn not_modelled(&mut self, name: &'u Expr, place: SourcePlace) -> Rvalue {
        let name = self.literal(name).unwrap_or_default();
        self.error(place, format!("`{name}` is known but not modelled yet"));
        self.error_value()
    }
}

pub(super) fn word(e: &Expr) -> &str {
    match &strip(e).kind {
        ExprKind::Ident(name) => name,
        _ => "",
    }
}

fn allocator(name: &str) -> Allocator {
    match name {
        "VMALLOC" => Allocator::Vmalloc,
        "KVMALLOC" => Allocator::Kvmalloc,
        "PAGES" => Allocator::Pages,
        _ => Allocator::Slab,
    }
}

pub(super) fn atomic_op(name: &str) -> Option<AtomicOp> {
    Some(match name {
        "ADD" => AtomicOp::Add,
        "SUB" => AtomicOp::Sub,
        "AND" => AtomicOp::And,
        "OR" => AtomicOp::Or,
        "XOR" => AtomicOp::Xor,
        "ANDNOT" => AtomicOp::AndNot,
        "XCHG" => AtomicOp::Xchg,
        "CMPXCHG" => AtomicOp::Cmpxchg,
        "ADD_UNLESS" => AtomicOp::AddUnless,
        "DEC_IF_POSITIVE" => AtomicOp::DecIfPositive,
        _ => return None,
    })
}

fn atomic_order(name: &str) -> Option<Order> {
    Some(match name {
        "RELAXED" => Order::Relaxed,
        "ACQUIRE" => Order::Acquire,
        "RELEASE" => Order::Release,
        "FULL" => Order::Full,
        _ => return None,
    })
}

/// Whether an expression is `jiffies` itself.
fn is_jiffies(e: &Expr) -> bool {
    match &strip(e).kind {
        ExprKind::Call { callee, .. } => {
            matches!(&strip(callee).kind, ExprKind::Ident(name) if &**name == "__kernel_jiffies")
        }
        _ => false,
    }
}

/// How many values a format takes.
fn conversions(format: &str) -> usize {
    let mut count = 0;
    let mut chars = format.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '%' {
            continue;
        }
        if chars.peek() == Some(&'%') {
            chars.next();
            continue;
        }
        count += 1;
        while let Some(&c) = chars.peek() {
            chars.next();
            if c == '*' {
                count += 1;
            }
            if c.is_ascii_alphabetic() && !matches!(c, 'l' | 'h' | 'z' | 't' | 'j' | 'L') {
                break;
            }
        }
    }
    count
}

/// A thread's or workqueue's name: the format up to where it says which copy.
fn without_conversions(format: &str) -> String {
    let mut name = String::new();
    let mut chars = format.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '%' {
            name.push(c);
            continue;
        }
        for c in chars.by_ref() {
            if c.is_ascii_alphabetic() && !matches!(c, 'l' | 'h' | 'z') || c == '%' {
                break;
            }
        }
    }
    name.trim_end_matches(['/', '-', '_', ':', '.', '#', ' ']).to_string()
}
