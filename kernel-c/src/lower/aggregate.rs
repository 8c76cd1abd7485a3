//! Initialisers: lists with designators and left-out braces, strings, compound literals; of static objects and of locals.
//!
//! Invariant: a list is first flattened into pieces (where, of what type, which expression), so that static and local initialisation, and the
//! length of an array that the list decides, follow one and the same reading of it.

use super::access::Place;
use super::code::{Value, VarId};
use super::expr::strip;
use super::{Lower, Purpose};
use crate::ast::{Designator, Expr, ExprKind, Initializer, InitializerEntry, InitializerList};
use crate::source_map::Place as SourcePlace;
use crate::types::{Bits, IntKind, Kind, QualTy};
use sim_core::program::{Inst, pointer};

/// One scalar, string or record that an initialiser gives a value.
struct Piece<'u> {
    offset: u64,
    ty: QualTy,
    bits: Option<Bits>,
    value: &'u Expr,
}

/// A part of an object.
#[derive(Clone, Copy)]
struct Part {
    offset: u64,
    ty: QualTy,
    bits: Option<Bits>,
}

/// How many array elements a range designator may stand for.
const MAX_RANGE: i64 = 65_536;

impl<'u> Lower<'u> {
    /// A type whose length, if it is an array's of unknown length, comes from the initialiser.
    pub(super) fn completed(&mut self, ty: QualTy, initializer: Option<&'u Initializer>) -> QualTy {
        let Kind::Array(of, None) = *self.types.kind(ty.ty) else { return ty };
        let length = match initializer {
            Some(Initializer::Expr(e)) => string_bytes(e).map(|b| b.len() as u64 + 1),
            Some(Initializer::List(list)) => match lone_string(list) {
                Some(bytes) if self.is_char(of) => Some(bytes.len() as u64 + 1),
                _ => {
                    let mut pieces = Vec::new();
                    Some(self.array_entries(of, None, 0, &list.entries, &mut pieces))
                }
            },
            None => None,
        };
        match length {
            Some(length) => QualTy { ty: self.types.array(of, Some(length)), ..ty },
            None => ty,
        }
    }

    fn is_char(&self, ty: QualTy) -> bool {
        matches!(self.types.integer(ty.ty), Some(IntKind::Char | IntKind::SChar | IntKind::UChar))
    }

    /// The pieces of an initialiser for an object of this type.
    fn plan(&mut self, ty: QualTy, initializer: &'u Initializer) -> Vec<Piece<'u>> {
        let mut pieces = Vec::new();
        self.plan_part(Part { offset: 0, ty, bits: None }, initializer, &mut pieces);
        pieces
    }

    fn plan_part(&mut self, part: Part, initializer: &'u Initializer, pieces: &mut Vec<Piece<'u>>) {
        match initializer {
            Initializer::List(list) => self.plan_list(part, list, pieces),
            Initializer::Expr(e) => self.plan_expr(part, e, pieces),
        }
    }

    fn plan_expr(&mut self, part: Part, e: &'u Expr, pieces: &mut Vec<Piece<'u>>) {
        // A compound literal of the same type is its list: so that it can stand in a static initialiser.
        if let ExprKind::CompoundLiteral { ty, list } = &strip(e).kind
            && self.types.scalar(part.ty.ty).is_none()
            && self.ty(ty).ty == part.ty.ty
        {
            self.plan_list(part, list, pieces);
            return;
        }
        pieces.push(Piece { offset: part.offset, ty: part.ty, bits: part.bits, value: e });
    }

    fn plan_list(&mut self, part: Part, list: &'u InitializerList, pieces: &mut Vec<Piece<'u>>) {
        match self.types.kind(part.ty.ty).clone() {
            Kind::Array(of, length) => {
                if lone_string(list).is_some() && self.is_char(of) {
                    self.plan_part(part, &list.entries[0].value, pieces);
                    return;
                }
                self.array_entries(of, length, part.offset, &list.entries, pieces);
            }
            Kind::Record(_) => self.record_entries(part, &list.entries, pieces, list.place),
            Kind::Error => {}
            _ => match &list.entries[..] {
                [] => {}
                [entry] if entry.designators.is_empty() => self.plan_part(part, &entry.value, pieces),
                [entry, ..] => self.error(entry.value.place(), "too many values: a single one is needed here"),
            },
        }
    }

    /// Entries for an array from `offset` on; how many elements they reach.
    fn array_entries(
        &mut self,
        of: QualTy,
        length: Option<u64>,
        offset: u64,
        entries: &'u [InitializerEntry],
        pieces: &mut Vec<Piece<'u>>,
    ) -> u64 {
        let size = self.types.size_of(of.ty).unwrap_or(0);
        let (mut next, mut reached, mut i) = (0u64, 0u64, 0usize);
        while let Some(entry) = entries.get(i) {
            let (first, last) = match entry.designators.first() {
                None => (next, next),
                Some(Designator::Index(e)) => {
                    let index = self.constant_or_zero(e).max(0) as u64;
                    (index, index)
                }
                Some(Designator::Range(low, high)) => {
                    let (low, high) = (self.constant_or_zero(low).max(0), self.constant_or_zero(high));
                    if high < low || high - low > MAX_RANGE {
                        self.error(entry.value.place(), "this range is empty or too long");
                        (low as u64, low as u64)
                    } else {
                        (low as u64, high as u64)
                    }
                }
                Some(Designator::Field(field)) => {
                    self.error(field.place, "an array has no members: write `[index] =`");
                    (next, next)
                }
            };
            if length.is_some_and(|n| last >= n) {
                self.error(entry.value.place(), "this is beyond the end of the array");
                return reached;
            }
            let start = i;
            for index in first..=last {
                i = start;
                let element = Part { offset: offset + index * size, ty: of, bits: None };
                self.entry(element, entries, &mut i, pieces);
            }
            next = last + 1;
            reached = reached.max(next);
        }
        reached
    }

    fn record_entries(
        &mut self,
        part: Part,
        entries: &'u [InitializerEntry],
        pieces: &mut Vec<Piece<'u>>,
        place: SourcePlace,
    ) {
        let mut i = 0;
        self.record_members(part, entries, &mut i, true, pieces, place);
        if let Some(entry) = entries.get(i) {
            let name = self.types.name(part.ty);
            self.error(entry.value.place(), format!("`{name}` has no member left for this value"));
        }
    }

    /// Gives the members of a record their values. Without braces of its own (`braced` is false) it takes as many entries as it has members.
    fn record_members(
        &mut self,
        part: Part,
        entries: &'u [InitializerEntry],
        i: &mut usize,
        braced: bool,
        pieces: &mut Vec<Piece<'u>>,
        place: SourcePlace,
    ) {
        let Some(layout) = self.types.layout(part.ty.ty).cloned() else {
            let name = self.types.name(part.ty);
            self.error(place, format!("the members of `{name}` are not known here"));
            *i = entries.len();
            return;
        };
        let is_union = self.types.record(part.ty.ty).is_some_and(|r| r.is_union);
        let mut next = 0;
        while let Some(entry) = entries.get(*i) {
            match entry.designators.first() {
                Some(Designator::Field(field)) if braced => {
                    let Some((member, index)) = self.find_member(part, &field.name) else {
                        self.no_member(part.ty, field);
                        *i += 1;
                        continue;
                    };
                    self.entry(member, entries, i, pieces);
                    next = index + 1;
                    continue;
                }
                Some(_) if braced => {
                    self.error(entry.value.place(), "a structure has no elements: write `.member =`");
                    *i += 1;
                    continue;
                }
                Some(_) => return,
                None => {}
            }
            let Some(member) = layout.members.get(next) else { return };
            if is_union && next > 0 {
                return;
            }
            let inner = Part { offset: part.offset + member.offset, ty: member.ty, bits: member.bits };
            self.entry(inner, entries, i, pieces);
            next += 1;
        }
    }

    /// A member by name, and the index of the direct member that it is (in).
    fn find_member(&self, part: Part, name: &str) -> Option<(Part, usize)> {
        let found = self.types.member(part.ty.ty, name)?;
        let layout = self.types.layout(part.ty.ty)?;
        let index = layout.members.iter().position(|m| match &m.name {
            Some(n) => n == name,
            None => self.types.member(m.ty.ty, name).is_some(),
        })?;
        Some((Part { offset: part.offset + found.offset, ty: found.ty, bits: found.bits }, index))
    }

    /// Takes the value for `part` from the entries at `i`: one entry, or as many as a record or array without braces needs.
    fn entry(&mut self, part: Part, entries: &'u [InitializerEntry], i: &mut usize, pieces: &mut Vec<Piece<'u>>) {
        let entry = &entries[*i];
        let mut part = part;
        for step in entry.designators.iter().skip(1) {
            match self.designated(part, step) {
                Some(inner) => part = inner,
                None => {
                    *i += 1;
                    return;
                }
            }
        }
        let elided = match &entry.value {
            Initializer::List(_) => false,
            Initializer::Expr(e) => entry.designators.is_empty() && self.needs_more(part, e),
        };
        if !elided {
            *i += 1;
            self.plan_part(part, &entry.value, pieces);
            return;
        }
        match self.types.kind(part.ty.ty).clone() {
            Kind::Array(of, Some(length)) => {
                let size = self.types.size_of(of.ty).unwrap_or(0);
                for index in 0..length {
                    if entries.get(*i).is_none_or(|e| !e.designators.is_empty()) {
                        return;
                    }
                    self.entry(Part { offset: part.offset + index * size, ty: of, bits: None }, entries, i, pieces);
                }
            }
            _ => {
                let before = *i;
                self.record_members(part, entries, i, false, pieces, entry.value.place());
                if *i == before {
                    *i += 1;
                }
            }
        }
    }

    fn designated(&mut self, part: Part, step: &'u Designator) -> Option<Part> {
        match step {
            Designator::Field(field) => match self.find_member(part, &field.name) {
                Some((member, _)) => Some(member),
                None => {
                    self.no_member(part.ty, field);
                    None
                }
            },
            Designator::Index(e) => {
                let Kind::Array(of, _) = *self.types.kind(part.ty.ty) else {
                    self.error(e.place, "only an array has elements");
                    return None;
                };
                let index = self.constant_or_zero(e).max(0) as u64;
                let offset = part.offset + index * self.types.size_of(of.ty).unwrap_or(0);
                Some(Part { offset, ty: of, bits: None })
            }
            Designator::Range(low, _) => {
                self.error(low.place, "a range can only be the first designator");
                None
            }
        }
    }

    /// Whether an expression is only the first of several values for this aggregate.
    fn needs_more(&mut self, part: Part, e: &'u Expr) -> bool {
        match *self.types.kind(part.ty.ty) {
            Kind::Array(of, _) => string_bytes(e).is_none() || !self.is_char(of),
            Kind::Record(_) => {
                if let ExprKind::CompoundLiteral { ty, .. } = &strip(e).kind {
                    return self.ty(ty).ty != part.ty.ty;
                }
                self.value_type(e).ty != part.ty.ty
            }
            _ => false,
        }
    }

    /// Writes a static object's first bytes.
    pub(super) fn initialise_object(&mut self, object: u32, ty: QualTy, initializer: &'u Initializer) {
        if self.types.is_error(ty.ty) {
            return;
        }
        let pieces = self.plan(ty, initializer);
        for piece in pieces {
            self.static_piece(object, &piece);
        }
        self.copy_to_all_cpus(object);
    }

    fn static_piece(&mut self, object: u32, piece: &Piece<'u>) {
        if let (Kind::Array(_, Some(length)), Some(bytes)) =
            (self.types.kind(piece.ty.ty).clone(), string_bytes(piece.value))
        {
            let cut = &bytes[..bytes.len().min(length as usize)];
            self.write_bytes(object, piece.offset, cut);
            return;
        }
        if self.types.scalar(piece.ty.ty).is_none() {
            let name = self.types.name(piece.ty);
            self.error(piece.value.place, format!("this cannot initialise a static `{name}`"));
            return;
        }
        let Some(value) = self.constant_address(piece) else { return };
        let Some(size) = self.types.size_of(piece.ty.ty) else { return };
        match piece.bits {
            None => self.write_bytes(object, piece.offset, &value.to_le_bytes()[..size as usize]),
            Some(bits) => self.write_static_bits(object, piece.offset, bits, value),
        }
    }

    /// The bits of a value that is known when the file is compiled; reports what is none.
    fn constant_address(&mut self, piece: &Piece<'u>) -> Option<u64> {
        let to = piece.ty.ty;
        let (value, made) = self.speculate(|lower| {
            let value = lower.rvalue(piece.value);
            lower.assignable(value, to, piece.value.place, "assigned to")
        });
        match value.value {
            Value::Const(bits) if !made => Some(bits),
            Value::Static { object, offset } if !made => {
                Some(pointer::to_static(object, 0).wrapping_add(offset as u64))
            }
            Value::Function(symbol) if !made => Some(pointer::to_function(self.want(symbol))),
            _ => {
                if !self.types.is_error(value.ty) {
                    self.error(piece.value.place, "the initialiser of a static object must be a constant");
                }
                None
            }
        }
    }

    fn write_bytes(&mut self, object: u32, offset: u64, bytes: &[u8]) {
        let init = &mut self.out.objects[object as usize];
        let (start, end) = (offset as usize, offset as usize + bytes.len());
        if end > init.size as usize {
            return;
        }
        if init.init.len() < end {
            init.init.resize(end, 0);
        }
        init.init[start..end].copy_from_slice(bytes);
    }

    fn write_static_bits(&mut self, object: u32, offset: u64, bits: Bits, value: u64) {
        let unit = bits.unit as usize;
        let mut old = [0u8; 8];
        let init = &self.out.objects[object as usize].init;
        for (to, from) in old.iter_mut().zip(init.iter().skip(offset as usize).take(unit)) {
            *to = *from;
        }
        let ones = if bits.width >= 64 { u64::MAX } else { (1u64 << bits.width) - 1 };
        let new = (u64::from_le_bytes(old) & !(ones << bits.lo)) | ((value & ones) << bits.lo);
        self.write_bytes(object, offset, &new.to_le_bytes()[..unit]);
    }

    /// Initialises a local that has just come to life.
    pub(super) fn initialise_local(&mut self, var: VarId, ty: QualTy, initializer: &'u Initializer) {
        let place = self.var_place(var, QualTy { is_const: false, ..ty });
        self.initialise_place(&place, ty, initializer);
    }

    fn initialise_place(&mut self, place: &Place, ty: QualTy, initializer: &'u Initializer) {
        let pieces = self.plan(ty, initializer);
        let size = self.types.size_of(ty.ty).unwrap_or(0);
        let memory = matches!(place.at, super::access::Where::Memory { .. });
        let covered: u64 =
            pieces.iter().filter(|p| p.bits.is_none()).map(|p| self.types.size_of(p.ty.ty).unwrap_or(0)).sum();
        if memory && covered < size {
            self.clear(place, size as u32);
        } else if !memory && pieces.is_empty() {
            self.store(place, Value::Const(0));
        }
        for piece in pieces {
            self.local_piece(place, &piece);
        }
    }

    fn local_piece(&mut self, whole: &Place, piece: &Piece<'u>) {
        let ty = QualTy { is_const: false, ..piece.ty };
        let mut place = whole.clone().at_offset(ty, piece.offset as i64);
        place.bits = piece.bits;
        let saved = self.set_place(piece.value.place);
        if let (Kind::Array(of, Some(length)), Some(bytes)) =
            (self.types.kind(ty.ty).clone(), string_bytes(piece.value))
        {
            self.copy_string(&place, of, length, bytes, piece.value.place);
        } else {
            self.purpose = self.purpose_of(ty.ty, None);
            let value = self.rvalue(piece.value);
            self.purpose = Purpose::default();
            let value = self.assignable(value, ty.ty, piece.value.place, "assigned to");
            if self.types.is_record(ty.ty) {
                if self.types.is_record(value.ty) {
                    self.copy_record(&place, value.value, piece.value.place);
                }
            } else {
                self.store(&place, value.value);
            }
        }
        self.b.span = saved;
    }

    fn copy_string(&mut self, place: &Place, of: QualTy, length: u64, bytes: &[u8], at: SourcePlace) {
        let from = self.string_place(bytes, at);
        let from = self.address(&from);
        let n = length.min(bytes.len() as u64 + 1);
        let whole = self.types.array(of, Some(length));
        if n < length {
            self.clear(&place.clone().at_offset(whole.into(), 0), length as u32);
        }
        let copied = self.types.array(of, Some(n));
        self.copy_record(&place.clone().at_offset(copied.into(), 0), from, at);
    }

    /// The object of a string literal; equal ones share it.
    pub(super) fn string_place(&mut self, bytes: &[u8], place: SourcePlace) -> Place {
        let char_type = self.types.int(IntKind::Char);
        let ty = self.types.array(char_type.into(), Some(bytes.len() as u64 + 1));
        let object = match self.string_objects.get(bytes) {
            Some(&object) => object,
            None => {
                let text = String::from_utf8_lossy(bytes);
                let object = self.new_object(&format!("{text:?}"), ty.into(), place);
                let made = &mut self.out.objects[object as usize];
                made.init = bytes.to_vec();
                made.read_only = true;
                self.string_objects.insert(bytes.to_vec(), object);
                object
            }
        };
        Place::memory(ty.into(), Value::Static { object, offset: 0 })
    }

    /// `(type){ ... }`: static at file scope, else an unnamed local of the block.
    pub(super) fn compound_literal(
        &mut self,
        ty: &'u crate::ast::Type,
        list: &'u InitializerList,
        place: SourcePlace,
    ) -> Place {
        let ty = self.ty(ty);
        let ty = self.completed_by_list(ty, list);
        if self.types.is_error(ty.ty) {
            return self.error_place();
        }
        if self.fx.result.is_none() {
            let object = self.new_object("(compound literal)", ty, place);
            let mut pieces = Vec::new();
            self.plan_list(Part { offset: 0, ty, bits: None }, list, &mut pieces);
            for piece in pieces {
                self.static_piece(object, &piece);
            }
            return Place::memory(ty, Value::Static { object, offset: 0 });
        }
        let var = self.memory_var("(compound literal)", ty, place);
        self.b.emit(Inst::LocalLive { local: var as u16 });
        self.add_exit(super::scope::Exit::Var(var));
        let whole = self.var_place(var, QualTy { is_const: false, ..ty });
        let mut pieces = Vec::new();
        self.plan_list(Part { offset: 0, ty, bits: None }, list, &mut pieces);
        let size = self.types.size_of(ty.ty).unwrap_or(0);
        self.clear(&whole, size as u32);
        for piece in pieces {
            self.local_piece(&whole, &piece);
        }
        Place { ty, ..whole }
    }

    fn completed_by_list(&mut self, ty: QualTy, list: &'u InitializerList) -> QualTy {
        let Kind::Array(of, None) = *self.types.kind(ty.ty) else { return ty };
        let mut pieces = Vec::new();
        let length = self.array_entries(of, None, 0, &list.entries, &mut pieces);
        QualTy { ty: self.types.array(of, Some(length)), ..ty }
    }
}

fn string_bytes(e: &Expr) -> Option<&[u8]> {
    match &strip(e).kind {
        ExprKind::String(literal) => Some(&literal.bytes),
        _ => None,
    }
}

/// `{ "text" }`
fn lone_string(list: &InitializerList) -> Option<&[u8]> {
    match &list.entries[..] {
        [InitializerEntry { designators, value: Initializer::Expr(e) }] if designators.is_empty() => string_bytes(e),
        _ => None,
    }
}
