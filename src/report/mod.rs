//! What people see.

pub mod log;
