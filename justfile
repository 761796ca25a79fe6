# What a developer runs, by name. `just` alone lists it.

default:
    @just --list

# Types and borrows, nothing built.
check:
    cargo check --workspace --all-targets

# Every test. Those that need another program say so when they skip it; see `peers`.
test:
    cargo test --workspace

# Formats the sources.
fmt:
    cargo fmt --all

# The rules of style, of dependencies, and of where things live.
lint:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets -- -D warnings
    cargo test --test tidy

# The service on generated sample studies, from arrival to archive, and one request by each delivery.
demo:
    cargo run --release -- demo --exit

# The same, and goes on serving: what to open and how to sign in is printed.
try:
    cargo run --release -- demo

# The sample studies as DICOM files, for trying other tools on.
samples folder="target/samples":
    cargo run --release -p imaging --example write_samples -- {{folder}}

# How fast the sample studies can be kept; compare on a quiet machine only.
bench:
    cargo build --release
    bash -c 'time target/release/filmroom demo --exit'

# What the staff's pages are tried with in a real browser.
browser:
    cd tests/browser && npm ci

# The page on a sealed disc, bundled anew. Its sources are TypeScript; what it gives is committed.
viewer:
    cd imaging/viewer && npm ci && npm run build && npm run check

# Fails where a test would skip for want of a peer. PostgreSQL and Python come from the environment: see .ci/run.
peers:
    storescp --version
    storescu --version
    dciodvfy -version
    unzip -v
    bsdtar --version
    7z i
    xorriso --version
    isoinfo --version
    openssl version
    strace --version
    node --version
    chromium --version
    firefox-esr --version

# Licences, advisories, sources and bans of every dependency.
deny:
    cargo deny check

# What must pass before a change goes in.
ci: lint deny peers test demo
    RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps
