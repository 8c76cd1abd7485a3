//! Places that are read and written: variables, memory, bit-fields.
//!
//! Invariant: a place is held as its base, indices and offset, and its address is computed anew for each access, so that no derived pointer
//! stays alive between two steps.

use super::code::{Value, VarId};
use super::{Lower, Rvalue};
use crate::source_map::Place as SourcePlace;
use crate::types::{Bits, Kind, QualTy, Types};
use sim_core::program::{Access, BinaryOp, BitField, Inst, Mark, Reg, Scalar, pointer};

/// What stands on the left of an assignment.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) ty: QualTy,
    pub(super) at: Where,
    pub(super) bits: Option<Bits>,
    /// How it is accessed, where that is not plain.
    pub(super) mark: Option<Mark>,
}

/// Where a place is.
#[derive(Clone, Debug)]
pub(super) enum Where {
    /// A variable in a register.
    Var(VarId),
    /// A value that is not to be assigned to: a parameter of an inlined function, a constant.
    Bound(Value),
    /// `base + index * scale + ... + offset`
    Memory { base: Value, indices: Vec<(Value, u64)>, offset: i64 },
}

impl Place {
    pub(super) fn memory(ty: QualTy, base: Value) -> Self {
        Self { ty, at: Where::Memory { base, indices: Vec::new(), offset: 0 }, bits: None, mark: None }
    }

    /// The part of it at this offset.
    pub(super) fn at_offset(mut self, ty: QualTy, by: i64) -> Self {
        if let Where::Memory { offset, .. } = &mut self.at {
            *offset = offset.wrapping_add(by);
        }
        self.ty = ty;
        self
    }
}

impl Lower<'_> {
    pub(super) fn error_place(&self) -> Place {
        Place::memory(Types::ERROR.into(), Value::Const(0))
    }

    /// The place of a variable of the current function.
    pub(super) fn var_place(&self, var: VarId, ty: QualTy) -> Place {
        let at = match self.b.vars[var as usize].reg {
            Some(_) => Where::Var(var),
            None => Where::Memory { base: Value::Local { var, offset: 0 }, indices: Vec::new(), offset: 0 },
        };
        Place { ty, at, bits: None, mark: None }
    }

    /// Puts a value into a register, right before the instruction that needs it.
    pub(super) fn reg_of(&mut self, value: Value) -> Reg {
        match value {
            Value::Reg(reg) => reg,
            _ => {
                let dst = self.b.reg(Scalar::U64);
                self.put(dst, value);
                dst
            }
        }
    }

    /// The same for a value of this type; the register of a constant is no wider than it must be.
    pub(super) fn reg_typed(&mut self, value: Value, ty: Scalar) -> Reg {
        match value {
            Value::Const(value) => {
                let dst = self.b.reg(ty);
                self.b.emit(Inst::Const { dst, value: ty.wrap(value) });
                dst
            }
            other => self.reg_of(other),
        }
    }

    /// `dst = value`
    pub(super) fn put(&mut self, dst: Reg, value: Value) {
        // Before an object's start (the list head seen as an entry): the subtraction must borrow from the id as it does at run time.
        let (value, below) = match value {
            Value::Static { object, offset } if offset < 0 => (Value::Static { object, offset: 0 }, Some(offset)),
            Value::Local { var, offset } if offset < 0 => (Value::Local { var, offset: 0 }, Some(offset)),
            other => (other, None),
        };
        if let Some(offset) = below {
            let a = self.reg_of(value);
            let b = self.reg_of(Value::Const(offset.unsigned_abs()));
            self.b.emit(Inst::Binary { op: BinaryOp::Sub, ty: Scalar::U64, dst, a, b });
            return;
        }
        let inst = match value {
            Value::Const(value) => Inst::Const { dst, value: self.b.regs[dst as usize].wrap(value) },
            Value::Static { object, offset } => Inst::AddrStatic { dst, object, offset: offset as u32 },
            Value::Local { var, offset } => Inst::AddrLocal { dst, local: var as u16, offset: offset as u32 },
            Value::Function(symbol) => {
                let function = self.want(symbol);
                Inst::Const { dst, value: pointer::to_function(function) }
            }
            Value::Reg(src) if src == dst => return,
            Value::Reg(src) => Inst::Copy { dst, src },
        };
        self.b.emit(inst);
    }

    /// A copy of a value that later assignments to variables do not change.
    pub(super) fn hold(&mut self, value: Value, ty: Scalar) -> Value {
        match value {
            Value::Reg(src) => {
                let dst = self.b.reg(ty);
                self.b.emit(Inst::Copy { dst, src });
                Value::Reg(dst)
            }
            other => other,
        }
    }

    /// `base + offset`
    pub(super) fn offset(&mut self, base: Value, offset: i64) -> Value {
        match base {
            _ if offset == 0 => base,
            Value::Static { object, offset: old } => Value::Static { object, offset: old.wrapping_add(offset) },
            Value::Local { var, offset: old } => Value::Local { var, offset: old.wrapping_add(offset) },
            Value::Const(old) => Value::Const(old.wrapping_add(offset as u64)),
            Value::Function(_) | Value::Reg(_) => {
                let a = self.reg_of(base);
                let (op, amount) =
                    if offset < 0 { (BinaryOp::Sub, offset.unsigned_abs()) } else { (BinaryOp::Add, offset as u64) };
                let b = self.reg_of(Value::Const(amount));
                let dst = self.b.reg(Scalar::U64);
                self.b.emit(Inst::Binary { op, ty: Scalar::U64, dst, a, b });
                Value::Reg(dst)
            }
        }
    }

    /// The address of a place.
    pub(super) fn address(&mut self, place: &Place) -> Value {
        match &place.at {
            Where::Var(var) => {
                self.b.vars[*var as usize].memory = true;
                Value::Local { var: *var, offset: 0 }
            }
            Where::Bound(_) => Value::Const(0),
            Where::Memory { base, indices, offset } => {
                let mut address = self.offset(*base, *offset);
                for &(index, scale) in indices {
                    let scaled = self.arithmetic_raw(BinaryOp::Mul, Scalar::U64, index, Value::Const(scale));
                    address = self.arithmetic_raw(BinaryOp::Add, Scalar::U64, address, scaled);
                }
                address
            }
        }
    }

    fn access(&self, place: &Place, ty: Scalar) -> Access {
        let mark = match place.mark {
            Some(mark) => mark,
            None if place.ty.is_volatile => Mark::Once,
            None if self.racy => Mark::Racy,
            None => Mark::Plain,
        };
        Access { ty, mark, private: false }
    }

    /// The value in a place. Arrays and functions become pointers; a record's value is its address.
    pub(super) fn load(&mut self, place: &Place) -> Rvalue {
        let ty = place.ty.ty;
        match self.types.kind(ty).clone() {
            Kind::Array(of, _) => {
                let value = self.address(place);
                Rvalue::new(self.types.pointer(of.within(place.ty)), value)
            }
            Kind::Function(_) => {
                let value = self.address(place);
                Rvalue::new(self.types.pointer(ty.into()), value)
            }
            Kind::Record(_) => Rvalue::new(ty, self.address(place)),
            Kind::Void => Rvalue::new(ty, Value::Const(0)),
            Kind::Error => Rvalue::new(ty, Value::Const(0)),
            _ => {
                let Some(scalar) = self.types.scalar(ty) else { return Rvalue::new(Types::ERROR, Value::Const(0)) };
                self.load_scalar(place, scalar)
            }
        }
    }

    fn load_scalar(&mut self, place: &Place, scalar: Scalar) -> Rvalue {
        let ty = place.ty.ty;
        match (&place.at, place.bits) {
            (Where::Var(var), _) => {
                let reg = self.b.vars[*var as usize].reg.unwrap_or_default();
                Rvalue::new(ty, Value::Reg(reg))
            }
            (Where::Bound(value), _) => Rvalue::new(ty, *value),
            (Where::Memory { .. }, None) => {
                let addr = self.address(place);
                let addr = self.reg_of(addr);
                let dst = self.b.reg(scalar);
                let access = self.access(place, scalar);
                self.b.emit(Inst::Load { dst, addr, access, bits: None });
                Rvalue::new(ty, Value::Reg(dst))
            }
            (Where::Memory { .. }, Some(bits)) => {
                let addr = self.address(place);
                let addr = self.reg_of(addr);
                let dst = self.b.reg(scalar);
                let access = self.access(place, unit(bits));
                let field = BitField { lo: bits.lo, width: bits.width, signed: scalar.signed };
                self.b.emit(Inst::Load { dst, addr, access, bits: Some(field) });
                Rvalue::new(self.bits_type(ty, bits), Value::Reg(dst))
            }
        }
    }

    /// A bit-field narrower than `int` has `int`'s values (C11 6.3.1.1).
    fn bits_type(&mut self, ty: crate::types::Ty, bits: Bits) -> crate::types::Ty {
        use crate::types::IntKind;
        match self.types.integer(ty) {
            Some(IntKind::Bool) | None => ty,
            Some(kind) if kind.rank() <= IntKind::Int.rank() && bits.width < 32 => self.types.int(IntKind::Int),
            Some(_) => ty,
        }
    }

    /// Stores a value that has the place's type already.
    pub(super) fn store(&mut self, place: &Place, value: Value) {
        if let (Where::Var(var), Some(reg)) = (&place.at, self.register_of(place)) {
            debug_assert_eq!(self.b.vars[*var as usize].reg, Some(reg));
            self.put(reg, value);
            return;
        }
        let Some(scalar) = self.types.scalar(place.ty.ty) else { return };
        match place.bits {
            Some(bits) => {
                let old = self.load_unit(place, unit(bits));
                self.store_bits(place, bits, old, value);
            }
            None => {
                let access = self.access(place, scalar);
                let src = self.reg_typed(value, scalar);
                let addr = self.address(place);
                let addr = self.reg_of(addr);
                self.b.emit(Inst::Store { addr, src, access });
            }
        }
    }

    fn register_of(&self, place: &Place) -> Option<Reg> {
        match place.at {
            Where::Var(var) => self.b.vars[var as usize].reg,
            _ => None,
        }
    }

    /// The value of what `a += b` and `a++` change. A bit-field's storage unit is read once: the second value is the unit, for [`Self::store_changed`].
    pub(super) fn load_to_change(&mut self, place: &Place) -> (Rvalue, Option<Value>) {
        let (Some(bits), Some(scalar)) = (place.bits, self.types.scalar(place.ty.ty)) else {
            return (self.load(place), None);
        };
        let ty = unit(bits);
        let old = self.load_unit(place, ty);
        let width = 8 * u64::from(ty.size);
        let left = Value::Const(width - u64::from(bits.lo) - u64::from(bits.width));
        let right = Value::Const(width - u64::from(bits.width));
        let signed = Scalar { signed: scalar.signed, ..ty };
        let up = self.arithmetic_raw(BinaryOp::Shl, signed, old, left);
        let value = self.arithmetic_raw(BinaryOp::Shr, signed, up, right);
        (Rvalue::new(self.bits_type(place.ty.ty, bits), value), Some(old))
    }

    /// Stores the new value of what [`Self::load_to_change`] has read.
    pub(super) fn store_changed(&mut self, place: &Place, unit: Option<Value>, value: Value) {
        match (place.bits, unit) {
            (Some(bits), Some(unit)) => self.store_bits(place, bits, unit, value),
            _ => self.store(place, value),
        }
    }

    fn load_unit(&mut self, place: &Place, ty: Scalar) -> Value {
        let access = self.access(place, ty);
        let addr = self.address(place);
        let addr = self.reg_of(addr);
        let dst = self.b.reg(ty);
        self.b.emit(Inst::Load { dst, addr, access, bits: None });
        Value::Reg(dst)
    }

    /// Puts the bits into the unit that has been read, and writes it.
    fn store_bits(&mut self, place: &Place, bits: Bits, old: Value, value: Value) {
        let ty = unit(bits);
        let access = self.access(place, ty);
        let ones = if bits.width >= 64 { u64::MAX } else { (1u64 << bits.width) - 1 };
        let kept = self.arithmetic_raw(BinaryOp::And, ty, old, Value::Const(ty.wrap(!(ones << bits.lo))));
        let cut = self.arithmetic_raw(BinaryOp::And, ty, value, Value::Const(ones));
        let put = self.arithmetic_raw(BinaryOp::Shl, ty, cut, Value::Const(u64::from(bits.lo)));
        let new = self.arithmetic_raw(BinaryOp::Or, ty, kept, put);
        let src = self.reg_typed(new, ty);
        let addr = self.address(place);
        let addr = self.reg_of(addr);
        self.b.emit(Inst::Store { addr, src, access });
    }

    /// Copies a record from one address to another.
    pub(super) fn copy_record(&mut self, to: &Place, from: Value, at: SourcePlace) {
        let size = self.size_for(to.ty.ty, at);
        if size == 0 {
            return;
        }
        let to = self.address(to);
        let to = self.reg_of(to);
        let from = self.reg_of(from);
        let size = self.reg_of(Value::Const(u64::from(size)));
        self.b.emit(Inst::CopyMemory { to, from, size });
    }

    /// Stores zeros over a place.
    pub(super) fn clear(&mut self, place: &Place, size: u32) {
        if size == 0 {
            return;
        }
        let to = self.address(place);
        let to = self.reg_of(to);
        let value = self.reg_typed(Value::Const(0), Scalar::U8);
        let size = self.reg_of(Value::Const(u64::from(size)));
        self.b.emit(Inst::SetMemory { to, value, size });
    }
}

/// The storage unit of a bit-field.
fn unit(bits: Bits) -> Scalar {
    Scalar { size: bits.unit, signed: false }
}
