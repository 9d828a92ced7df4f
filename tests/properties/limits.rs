//! Limits: what is counted, what is leased, what survives.

mod books;
mod bounds;
mod budgets;
mod ledger;
mod load;
mod window;
mod world;
