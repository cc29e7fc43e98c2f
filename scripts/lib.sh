# Shared by the scripts beside it: what must be there, and building it when it is not.
# Sourced by sh; `root` is the repository.

# Cargo runs in the repository, so a relative CARGO_TARGET_DIR is relative to it.
target=${CARGO_TARGET_DIR:-target}
case $target in
/*) ;;
*) target=$root/$target ;;
esac
guests="validate-order check-inventory check-payment-method process-payment faulty echo behaviours"

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
    sysroot=$(cd "$root" && rustc --print sysroot)
    [ -d "$sysroot/lib/rustlib/wasm32-wasip1" ] && return
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

# missing FOLDER MODULE...: whether one of the modules is not in the folder.
missing() {
    place=$1
    shift
    for module; do [ -f "$place/$module.wasm" ] || return 0; done
    return 1
}

# stamped STAMP COMMAND...: runs the command in the repository; if it succeeds, the stamp gets the time at which
# it began, so that what changes meanwhile counts as newer. Concurrent runs have a beginning each.
stamped() {
    stamp=$1
    shift
    touch "$stamp.$$"
    status=0
    (cd "$root" && "$@" >&2) || status=$?
    if [ "$status" -ne 0 ]; then
        rm -f "$stamp.$$"
        exit "$status"
    fi
    mv -f "$stamp.$$" "$stamp"
}

build_guests() {
    packages=
    for guest in $guests; do packages="$packages -p $guest"; done
    # shellcheck disable=SC2086
    cargo build --locked --quiet --profile guest --target wasm32-wasip1 --lib $packages || return
    for module in $modules; do
        cp "$target/wasm32-wasip1/guest/$module.wasm" "$folder/$module.wasm.$$" || return
        mv -f "$folder/$module.wasm.$$" "$folder/$module.wasm" || return
    done
}

# The guests that the workflows and tests use, in workflows/guests.
ensure_guests() {
    folder=$root/workflows/guests
    modules=$(printf %s "$guests" | tr - _)
    # shellcheck disable=SC2086
    missing "$folder" $modules ||
        newer "$folder/.built" "$root/guests" "$root/Cargo.toml" "$root/Cargo.lock" "$root/.cargo" ||
        return 0
    need_cargo
    need_wasm_target
    say "building the guests ..."
    mkdir -p "$folder"
    stamped "$folder/.built" build_guests
}

# The host in release, at $bin.
ensure_host() {
    bin=$target/release/wf-host
    if [ -f "$bin" ] && [ -x "$bin" ]; then
        newer "$target/.wf-host-built" "$root/host" "$root/guests/sdk" "$root/Cargo.toml" "$root/Cargo.lock" ||
            return 0
    fi
    need_cargo
    say "building wf-host; the first time takes some minutes ..."
    mkdir -p "$target"
    stamped "$target/.wf-host-built" cargo build --locked --release -p wf-host
}

# ensure_python FOLDER PINS: a virtual environment with the packages that a file of pins names. The pins are copied
# into it last, so that one that came to nothing half way is made again.
ensure_python() {
    if cmp -s "$2" "$1/pins.txt"; then return; fi
    if ! command -v python3 >/dev/null 2>&1; then
        say "The AWS clients are Python programs, and there is no python3 on this machine."
        say "hint: install Python 3.9 or later."
        return 2
    fi
    say "installing $(sed -n 's/==.*//p' "$2" | tr '\n' ' ')into $1 ..."
    rm -rf "$1"
    mkdir -p "$(dirname -- "$1")"
    if ! python3 -m venv "$1" >&2; then
        rm -rf "$1"
        say "python3 is here, but cannot make a virtual environment."
        say "hint: on Debian and Ubuntu, install the package python3-venv."
        return 2
    fi
    if ! "$1/bin/python" -m pip install --quiet --disable-pip-version-check -r "$2" >&2; then
        rm -rf "$1"
        say "hint: the packages come from the Python package index; is there a network, or a proxy to set?"
        return 2
    fi
    cp "$2" "$1/pins.txt"
}

# The AWS clients, in the folder $aws.
ensure_aws() {
    aws=$target/aws-clients
    ensure_python "$aws" "$root/scripts/aws-clients.txt"
}

# The runtimes of Python and JavaScript functions, in the cache folder $runtimes, made by the host that the tests are
# built with. Each is made once, until what it is made of changes. Where the programs that fetch them are missing, it is
# said which tests are skipped; they look for the folder themselves.
ensure_runtimes() {
    runtimes=$target/test-runtimes
    languages=
    if python3 -m pip --version >/dev/null 2>&1; then
        languages="$languages python"
    else
        say "SKIPPED: every test that runs Python functions, since there is no python3 with pip on this machine."
    fi
    if npm --version >/dev/null 2>&1; then
        languages="$languages node"
    else
        say "SKIPPED: every test that runs JavaScript functions, since there is no npm on this machine."
    fi
    [ -n "$languages" ] || return 0
    host=${1:-$target/debug/wf-host}
    if [ $# -eq 0 ]; then
        say "building the host for the tests ..."
        # With the tests, so that the same features are chosen and nothing is built twice.
        (cd "$root" && cargo build --locked --quiet --workspace --bins --tests) >&2 || return
    fi
    say "installing the runtimes of$languages ..."
    # shellcheck disable=SC2086
    "$host" runtime install $languages --cache-dir "$runtimes" >&2
}
