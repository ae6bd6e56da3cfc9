//! Ambient targets, through the public interface: what is read, what is refused, and that the real tools agree.
//!
//! `against_tools` compares with kubectl, docker, terraform, git, psql and aws where they are installed; none of
//! its commands needs a server or the network.

mod against_tools;
mod aws;
mod docker;
mod git;
mod hostile;
mod kube;
mod place;
mod postgres;
mod terraform;
