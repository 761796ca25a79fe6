//! Disc orders and what becomes of them.
