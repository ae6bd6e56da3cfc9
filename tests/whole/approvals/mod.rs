//! Approvals by real keys: asked for, given, counted, carried, used once.

mod drift;
mod glass;
mod race;
mod stage;
mod story;
mod travel;
