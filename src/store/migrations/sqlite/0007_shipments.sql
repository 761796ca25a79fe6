-- Parcels, letters and discs handed over: how each delivery with a disc travels.
CREATE TABLE shipments (
    id TEXT NOT NULL PRIMARY KEY,
    request TEXT NOT NULL REFERENCES requests (id),
    reference TEXT NOT NULL,  -- its public reference
    delivery TEXT NOT NULL REFERENCES deliveries (id),
    site TEXT NOT NULL,  -- where it leaves from
    recipient TEXT,  -- JSON: name, address, phone; NULL: handed over at the desk
    way TEXT NOT NULL,  -- carrier, mail, desk
    state TEXT NOT NULL,  -- of that way
    facts TEXT NOT NULL,  -- JSON: what is true in that state
    promise_outcome TEXT,  -- kept, desk, carrier, recipient; NULL: not known yet, or nothing was promised
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL
);
CREATE INDEX shipments_of_request ON shipments (request, id);
CREATE INDEX shipments_by_state ON shipments (site, state, id);
CREATE UNIQUE INDEX shipments_under_way ON shipments (delivery) WHERE state NOT IN
    ('delivered', 'returned', 'cancelled', 'presumed_delivered', 'never_came', 'handed_over');

-- What the carrier says of a parcel. Asking again brings the same scans again.
CREATE TABLE shipment_events (
    shipment TEXT NOT NULL REFERENCES shipments (id),
    at BIGINT NOT NULL,
    scan TEXT NOT NULL,  -- JSON: what the carrier saw
    PRIMARY KEY (shipment, at, scan)
) WITHOUT ROWID;

-- Labels asked for. The row is there before the carrier is asked, because asking twice buys two.
CREATE TABLE label_attempts (
    id TEXT NOT NULL PRIMARY KEY,
    shipment TEXT NOT NULL REFERENCES shipments (id),
    customer_reference TEXT NOT NULL UNIQUE,  -- by which the carrier can be asked
    state TEXT NOT NULL,  -- asked, made, not_made, cancelled
    tracking_number TEXT,
    media_type TEXT,  -- of the label
    document BLOB,  -- the label, to print
    carrier_cents BIGINT,  -- what the carrier charges us
    reason TEXT,  -- why it was not made or was cancelled, and who said so
    asked_at BIGINT NOT NULL,
    ended_at BIGINT
);
CREATE INDEX label_attempts_of ON label_attempts (shipment, id);

-- The sandbox carrier's own books: what a real carrier would know of the parcels it was given.
CREATE TABLE sandbox_parcels (
    tracking_number TEXT NOT NULL PRIMARY KEY,
    customer_reference TEXT NOT NULL,
    service TEXT NOT NULL,
    ship_on TEXT NOT NULL,  -- YYYY-MM-DD
    address TEXT NOT NULL,  -- JSON
    made_at BIGINT NOT NULL,
    collected_at BIGINT,  -- when the courier came
    cancelled_at BIGINT
);
CREATE INDEX sandbox_parcels_by_reference ON sandbox_parcels (customer_reference);
