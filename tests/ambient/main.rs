//! Ambient targets, through the public interface: what is read, what is refused, and that the real tools agree.
//!
//! `against_tools` compares with kubectl, docker, terraform, git, psql and aws where they are installed; none of
//! its commands needs a server or the network.

#[cfg(test)]
mod against_tools;
#[cfg(test)]
mod aws;
#[cfg(test)]
mod docker;
#[cfg(test)]
mod git;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod kube;
#[cfg(test)]
mod place;
#[cfg(test)]
mod postgres;
#[cfg(test)]
mod terraform;
