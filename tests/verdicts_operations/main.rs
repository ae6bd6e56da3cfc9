//! Verdicts of the kubectl, docker and terraform packs, where no environment is configured and an agent asks.

mod arity;
mod docker;
mod every_example;
mod kubernetes;
mod stand;
mod terraform;
