//! The program's types: as much of ours as reports need to name a byte of an object.

use super::Lower;
use crate::types::{Kind, Layout, QualTy, Ty};
use sim_core::program::{Field, Type, TypeId};

impl Lower<'_> {
    /// The program's type for one of ours.
    pub(super) fn type_out(&mut self, ty: Ty) -> TypeId {
        if let Some(&id) = self.types_out.get(&ty) {
            return id;
        }
        let id = self.out.types.len() as TypeId;
        self.out.types.push(Type::Scalar { name: String::new(), size: 0 });
        self.types_out.insert(ty, id);
        let made = self.make_type(ty);
        self.out.types[id as usize] = made;
        id
    }

    fn make_type(&mut self, ty: Ty) -> Type {
        let size = self.types.size_of(ty).unwrap_or(0) as u32;
        if let Some(name) = self.types.opaque_lock(ty) {
            return Type::Scalar { name, size };
        }
        match self.types.kind(ty).clone() {
            Kind::Array(of, length) => {
                let element = self.type_out(of.ty);
                Type::Array { element, count: length.unwrap_or(0) as u32 }
            }
            Kind::Record(_) => {
                let name = self.types.name(ty.into());
                let mut fields = Vec::new();
                if let Some(layout) = self.types.layout(ty).cloned() {
                    self.fields_out(&layout, 0, &mut fields);
                }
                Type::Record { name, size, fields }
            }
            _ => Type::Scalar { name: self.types.name(QualTy::from(ty)), size },
        }
    }

    /// The members of a record, those of anonymous ones as its own. Bit-fields of one unit, which are read and written together, are one entry that names them all.
    fn fields_out(&mut self, layout: &Layout, base: u64, fields: &mut Vec<Field>) {
        let mut unit: Option<(u64, u8)> = None;
        for member in &layout.members {
            let offset = (base + member.offset) as u32;
            let Some(name) = &member.name else {
                unit = None;
                if let Some(inner) = self.types.layout(member.ty.ty).cloned() {
                    self.fields_out(&inner, base + member.offset, fields);
                }
                continue;
            };
            match member.bits {
                Some(bits) if unit == Some((member.offset, bits.unit)) => {
                    if let Some(last) = fields.last_mut() {
                        last.name = format!("{}/{name}", last.name);
                    }
                    continue;
                }
                Some(bits) => unit = Some((member.offset, bits.unit)),
                None => unit = None,
            }
            let ty = self.type_out(member.ty.ty);
            fields.push(Field { name: name.clone(), offset, ty });
        }
    }

    /// An array of a type of the program.
    pub(super) fn array_out(&mut self, element: TypeId, count: u32) -> TypeId {
        let array = Type::Array { element, count };
        if let Some(known) = self.out.types.iter().position(|t| *t == array) {
            return known as TypeId;
        }
        self.out.types.push(array);
        self.out.types.len() as TypeId - 1
    }
}
