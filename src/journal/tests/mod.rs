//! Tests of the whole room: they need a grant, which only tests inside the crate can make.
