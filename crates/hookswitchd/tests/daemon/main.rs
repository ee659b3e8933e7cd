//! The daemon as a process on a real private bus, driven over the bare D-Bus contract.

mod activation;
mod app;
mod calls;
mod changes;
mod contract;
mod dates;
mod death;
mod flatpak;
mod flood;
mod imports;
mod kill;
mod letters;
mod lists;
mod materials;
mod misuse;
mod notifications;
mod players;
mod privacy;
mod records;
mod restart;
mod rights;
mod rules;
mod slow;
mod start;
mod stuck;
mod world;
