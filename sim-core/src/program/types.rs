//! Types as far as reports need them: to name a byte of an object as the source would.

use serde::{Deserialize, Serialize};

/// Index into [`super::Program::types`].
pub type TypeId = u32;

/// A type.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Type {
    /// Anything without parts: integers, pointers, locks.
    Scalar {
        /// Its name in C, e.g. `unsigned long`, `spinlock_t`.
        name: String,
        /// Its size in bytes.
        size: u32,
    },
    /// A struct or union.
    Record {
        /// `struct nic`.
        name: String,
        /// Its size in bytes.
        size: u32,
        /// Its members.
        fields: Vec<Field>,
    },
    /// An array.
    Array {
        /// The element's type.
        element: TypeId,
        /// How many; 0 for a flexible last member.
        count: u32,
    },
}

/// A member of a record. Members of anonymous records are listed as their own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// Its offset in bytes.
    pub offset: u32,
    /// Its type.
    pub ty: TypeId,
}

/// The size of a type in bytes.
pub fn size_of(types: &[Type], id: TypeId) -> u32 {
    match &types[id as usize] {
        Type::Scalar { size, .. } | Type::Record { size, .. } => *size,
        Type::Array { element, count } => size_of(types, *element) * count,
    }
}

/// The path from an object to the byte at `offset`, as C would write it after the object's name: `.stats.packets`, `[3].lock`, or nothing.
pub fn path(types: &[Type], id: TypeId, offset: u32) -> String {
    match &types[id as usize] {
        Type::Scalar { .. } => String::new(),
        Type::Record { fields, .. } => {
            let inside =
                fields.iter().rev().find(|f| f.offset <= offset && offset < f.offset + size_of(types, f.ty).max(1));
            inside.map_or(String::new(), |f| format!(".{}{}", f.name, path(types, f.ty, offset - f.offset)))
        }
        Type::Array { element, .. } => {
            let size = size_of(types, *element).max(1);
            format!("[{}]{}", offset / size, path(types, *element, offset % size))
        }
    }
}

/// The name of the scalar type that the byte at `offset` belongs to.
pub fn scalar_at(types: &[Type], id: TypeId, offset: u32) -> Option<&str> {
    match &types[id as usize] {
        Type::Scalar { name, .. } => Some(name),
        Type::Record { fields, .. } => {
            let inside =
                fields.iter().rev().find(|f| f.offset <= offset && offset < f.offset + size_of(types, f.ty).max(1));
            inside.and_then(|f| scalar_at(types, f.ty, offset - f.offset))
        }
        Type::Array { element, .. } => scalar_at(types, *element, offset % size_of(types, *element).max(1)),
    }
}
