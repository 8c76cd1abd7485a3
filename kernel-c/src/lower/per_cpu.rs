//! Per-CPU variables: `__percpu` as a property of types, the copies that such a variable is, and what reaches one of them.
//!
//! Invariant: what is `__percpu` is never read or written as it is (sparse's address spaces): only through `per_cpu_ptr()` and its kin, which say whose copy is meant,
//! or through `this_cpu_...()`, which means that of the CPU that makes the access.

use super::access::Place;
use super::builtin::{atomic_op, word};
use super::code::Value;
use super::{Lower, Purpose, Rvalue};
use crate::ast::Expr;
use crate::diagnostic::Diagnostic;
use crate::source_map::Place as SourcePlace;
use crate::types::{Kind, QualTy};
use sim_core::program::{AllocSite, BinaryOp, KernelCall, Mark, Object, Order, Scalar, pointer};

impl<'u> Lower<'u> {
    /// A variable's type: an array of what is `__percpu` is so as a whole.
    pub(super) fn whole(&self, ty: QualTy) -> QualTy {
        QualTy { is_percpu: self.is_per_cpu(ty), ..ty }
    }

    pub(super) fn is_per_cpu(&self, ty: QualTy) -> bool {
        ty.is_percpu || matches!(self.types.kind(ty.ty), Kind::Array(of, _) if self.is_per_cpu(*of))
    }

    /// An object with a copy for each CPU.
    pub(super) fn new_per_cpu_object(&mut self, name: &str, ty: QualTy, place: SourcePlace) -> u32 {
        let stride = self.stride(ty, place);
        let cpus = u32::from(self.out.config.cpus);
        let element = self.type_out(ty.ty);
        let ty = Some(self.array_out(element, cpus));
        let span = self.span(place);
        let (name, size) = (name.to_string(), stride * cpus);
        self.out.objects.push(Object { name, size, ty, span, per_cpu: true, ..Object::default() });
        self.out.objects.len() as u32 - 1
    }

    /// How far the copies of a per-CPU variable lie apart.
    fn stride(&mut self, ty: QualTy, place: SourcePlace) -> u32 {
        let size = self.size_for(ty.ty, place);
        if size > pointer::PER_CPU_MAX {
            self.error(place, "a per-CPU variable cannot be larger than 32 KiB");
            return 0;
        }
        size
    }

    /// The place of a static object: of all copies, if there is one for each CPU.
    pub(super) fn object_place(&self, object: u32, ty: QualTy) -> Place {
        let known = &self.out.objects[object as usize];
        let stride = known.size / u32::from(self.out.config.cpus);
        let offset = if known.per_cpu { pointer::per_cpu(stride) as i64 } else { 0 };
        Place::memory(ty, Value::Static { object, offset })
    }

    /// What initialises a per-CPU variable initialises each copy.
    pub(super) fn copy_to_all_cpus(&mut self, object: u32) {
        let cpus = usize::from(self.out.config.cpus);
        let known = &mut self.out.objects[object as usize];
        if known.per_cpu {
            known.init.resize(known.size as usize / cpus, 0);
            known.init = known.init.repeat(cpus);
        }
    }

    /// Whether a place may be accessed as it is; says so if it stands for the copies of all CPUs.
    pub(super) fn of_one_cpu(&mut self, place: &Place, at: SourcePlace) -> bool {
        let one = !place.ty.is_percpu || place.mark == Some(Mark::ThisCpu);
        let array = matches!(self.types.kind(place.ty.ty), Kind::Array(..));
        if !one && !array {
            let at = self.visible(at);
            let what = Diagnostic::error(at, "this is per-CPU data, of which each CPU has a copy: which is meant?");
            self.report(what.help(
                "write `this_cpu_read(x)`, `this_cpu_inc(x)` and so on, or `per_cpu(x, cpu)`; follow a pointer through `this_cpu_ptr(p)` or `per_cpu_ptr(p, cpu)`",
            ));
        }
        one || array
    }

    /// A pointer to per-CPU data where an ordinary one is needed, or the other way round.
    pub(super) fn wrong_address_space(&mut self, from_percpu: bool, at: SourcePlace, problem: &str) {
        let at = self.visible(at);
        let (what, help) = match from_percpu {
            true => (
                "a `__percpu` pointer is none to any one CPU's data",
                "say whose: `this_cpu_ptr(p)`, `per_cpu_ptr(p, cpu)`",
            ),
            false => {
                ("this pointer is not `__percpu`", "per-CPU memory comes from `alloc_percpu()` and `DEFINE_PER_CPU()`")
            }
        };
        self.report(Diagnostic::error(at, format!("{what}: {problem}")).help(help));
    }

    /// `__kernel_per_cpu_ptr(pointer, cpu)`
    pub(super) fn per_cpu_ptr(&mut self, pointer: &'u Expr, cpu: &'u Expr) -> Rvalue {
        let given = self.rvalue(pointer);
        let cpu = self.rvalue(cpu);
        if self.types.is_error(given.ty) || self.types.is_error(cpu.ty) {
            return self.error_value();
        }
        let Some(to) = self.types.pointee(given.ty).filter(|to| to.is_percpu) else {
            let name = self.types.name(given.ty.into());
            self.wrong_address_space(false, pointer.place, &format!("it is `{name}`"));
            return self.error_value();
        };
        let value = match (given.value, cpu.value) {
            (Value::Static { object, offset }, Value::Const(cpu)) => {
                let there = pointer::of_cpu(pointer::to_static(object, offset as u32), cpu);
                Value::Static { object, offset: i64::from(pointer::offset(there)) }
            }
            (given, cpu) => self.arithmetic_raw(BinaryOp::PerCpu, Scalar::U64, given, cpu),
        };
        Rvalue::new(self.types.pointer(to.of_one_cpu()), value)
    }

    /// The place that a `this_cpu_...()` is about.
    fn this_cpu_place(&mut self, e: &'u Expr) -> Option<Place> {
        let mut place = self.lvalue(e);
        if self.types.is_error(place.ty.ty) {
            return None;
        }
        if !place.ty.is_percpu {
            let name = self.types.name(place.ty);
            self.error(e.place, format!("this must be per-CPU data, and it is `{name}`"));
            return None;
        }
        if self.types.scalar(place.ty.ty).is_none() || place.bits.is_some() {
            self.error(e.place, "only a whole number or pointer can be accessed in one instruction");
            return None;
        }
        place.mark = Some(Mark::ThisCpu);
        Some(place)
    }

    /// `__kernel_this_cpu_read(x)`
    pub(super) fn this_cpu_read(&mut self, e: &'u Expr) -> Rvalue {
        match self.this_cpu_place(e) {
            Some(place) => self.load(&place),
            None => self.error_value(),
        }
    }

    /// `__kernel_this_cpu_write(x, value)`
    pub(super) fn this_cpu_write(&mut self, to: &'u Expr, value: &'u Expr) -> Rvalue {
        let place = self.this_cpu_place(to);
        let (given, at) = (self.rvalue(value), value.place);
        let Some(place) = place.filter(|place| self.check_assignable(place, to.place)) else {
            return self.error_value();
        };
        let value = self.assignable(given, place.ty.ty, at, "assigned to");
        self.store(&place, value.value);
        self.void_value()
    }

    /// `__kernel_this_cpu(OP, FETCH, x, a[, b])`
    pub(super) fn this_cpu(
        &mut self,
        [op, fetch, target]: [&'u Expr; 3],
        operands: &'u [Expr],
        at: SourcePlace,
    ) -> Rvalue {
        let Some(op) = atomic_op(word(op)) else {
            self.error(at, "unknown operation");
            return self.error_value();
        };
        match self.this_cpu_place(target) {
            Some(target) => self.atomic_on(op, word(fetch), Order::ThisCpu, &target, operands),
            None => self.error_value(),
        }
    }

    /// `__kernel_alloc_percpu(type, gfp)`
    pub(super) fn alloc_percpu(&mut self, ty: &'u Expr, gfp: &'u Expr, place: SourcePlace) -> Rvalue {
        let Purpose { name, .. } = std::mem::take(&mut self.purpose);
        let ty = self.type_of(ty);
        let gfp = self.rvalue(gfp).value;
        let stride = self.stride(ty, place);
        let cpus = u32::from(self.out.config.cpus);
        let element = self.type_out(ty.ty);
        let array = self.array_out(element, cpus);
        let site = self.out.alloc_sites.len() as u32;
        let (span, pointer) = (self.span(place), name.unwrap_or_default().to_owned());
        self.out.alloc_sites.push(AllocSite {
            size: Some(stride * cpus),
            ty: Some(array),
            pointer,
            span,
            ..AllocSite::default()
        });
        let to = self.types.pointer(QualTy { is_percpu: true, ..ty });
        let size = Value::Const(u64::from(stride * cpus));
        let made = self.kernel(KernelCall::Alloc { site, zero: true }, &[size, gfp], to);
        // NULL stays NULL.
        let some = self.truth_of(made);
        let mark = self.arithmetic_raw(BinaryOp::Mul, Scalar::U64, some, Value::Const(pointer::per_cpu(stride)));
        let value = self.arithmetic_raw(BinaryOp::Add, Scalar::U64, made.value, mark);
        Rvalue::new(to, value)
    }
}
