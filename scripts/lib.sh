# Shared by the scripts beside it: what must be there, and building it when it is not.
# Sourced by sh; `root` is the repository.

target=${CARGO_TARGET_DIR:-$root/target}
guests="validate-order check-inventory check-payment-method process-payment faulty echo"

say() {
    printf '%s\n' "$*" >&2
}

need_cargo() {
    command -v cargo >/dev/null 2>&1 && return
    say "wf-host is built from source and needs Rust, which is not on this machine."
    say "hint: install it from https://rustup.rs, then run this again."
    exit 2
}

need_wasm_target() {
    [ -d "$(rustc --print sysroot)/lib/rustlib/wasm32-wasip1" ] && return
    if ! command -v rustup >/dev/null 2>&1; then
        say "The Rust target wasm32-wasip1 is missing, and there is no rustup to add it."
        say "hint: install the package of your system that holds it, or Rust from https://rustup.rs."
        exit 2
    fi
    say "adding the Rust target wasm32-wasip1 ..."
    (cd "$root" && rustup target add wasm32-wasip1 >&2)
}

# newer STAMP PATH...: whether anything below the paths changed after the stamp.
newer() {
    stamp=$1
    shift
    [ ! -f "$stamp" ] || [ -n "$(find "$@" -newer "$stamp" -print -quit 2>/dev/null)" ]
}

# The guests that the workflows and tests use, in workflows/guests.
ensure_guests() {
    folder=$root/workflows/guests
    newer "$folder/.built" "$root/guests" "$root/Cargo.lock" "$root/.cargo" || return 0
    need_cargo
    need_wasm_target
    say "building the guests ..."
    mkdir -p "$folder"
    touch "$folder/.building"
    packages=
    for guest in $guests; do packages="$packages -p $guest"; done
    # shellcheck disable=SC2086
    (cd "$root" && cargo build --locked --quiet --profile guest --target wasm32-wasip1 --lib $packages >&2)
    for guest in $guests; do
        module=$(printf %s "$guest" | tr - _).wasm
        cp "$target/wasm32-wasip1/guest/$module" "$folder/$module.new"
        mv "$folder/$module.new" "$folder/$module"
    done
    mv "$folder/.building" "$folder/.built"
}

# The host in release.
ensure_host() {
    bin=$target/release/wf-host
    newer "$target/.wf-host-built" "$root/host" "$root/guests/sdk" "$root/Cargo.toml" "$root/Cargo.lock" || return 0
    need_cargo
    say "building wf-host; the first time takes some minutes ..."
    mkdir -p "$target"
    touch "$target/.wf-host-building"
    (cd "$root" && cargo build --locked --release -p wf-host >&2)
    mv "$target/.wf-host-building" "$target/.wf-host-built"
}
