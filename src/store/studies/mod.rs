//! The repository of studies: patients, studies, series and instances, which come and go together.

mod arrivals;
mod batch;
mod instances;
mod listing;
mod places;
mod settling;
mod statements;

pub use arrivals::{TouchedStudy, index_arrivals};
pub use instances::{generations_in_use, instance, instances_of, known, spooled_of, totals};
pub use listing::{by_ids, list};
pub use places::{
    instances_of_archive, kept_bytes, nodes_spooling, spooled_count, spooled_studies, spooling_nodes,
};
pub use settling::{
    add_notes, drop_duplicate, forget_dropped, hold_settled, mark_damaged, note_settled, settled,
};
