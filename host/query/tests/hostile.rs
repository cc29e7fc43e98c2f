//! Expressions that would take all time or memory: each ends with an error, soon and within bounds.
//!
//! The allocator counts, so these tests are a program of their own.

#![expect(
    unsafe_code,
    reason = "a global allocator that counts what the system's one gives"
)]

mod common;

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use common::Fixed;
use data::Data;
use query::{Jsonata, Reason, States};

struct Counting;

static HELD: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);
/// One measurement at a time.
static TURN: Mutex<()> = Mutex::new(());

// SAFETY: everything is handed to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let held = HELD.fetch_add(layout.size(), Ordering::Relaxed) + layout.size();
        PEAK.fetch_max(held, Ordering::Relaxed);
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        HELD.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(at, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Bytes that an evaluation may hold at once.
const MEMORY: usize = 64 << 20;
/// Milliseconds that one may take: twice the promise, since the machine that tests is busy.
const MILLIS: u128 = 4000;

/// Evaluates on a thread as small as the smallest that a program would use.
fn peak_of(text: String) -> (Result<Option<usize>, String>, usize) {
    let work = move || {
        let list: Vec<Data> = (0..3000).map(Data::from).collect();
        let long = Data::from("ab ".repeat(60_000));
        let input = Data::from(data::Object::from_iter([
            ("list", Data::from(list)),
            ("long", long),
            ("as", Data::from("a".repeat(250_000))),
        ]));
        let outside = Fixed::new(Data::empty_object(), Data::empty_object());
        let states = States {
            input: &input,
            result: None,
            error_output: None,
            outside: &outside,
        };
        let before = HELD.load(Ordering::Relaxed);
        PEAK.store(before, Ordering::Relaxed);
        let found = match Jsonata::parse(&text) {
            Ok(expression) => match expression.evaluate(&states) {
                Ok(found) => Ok(found.map(|data| data.size())),
                Err(Reason::Thrown { message, .. }) => Err(message),
                Err(other) => Err(format!("{other:?}")),
            },
            Err(error) => Err(error.message),
        };
        (found, PEAK.load(Ordering::Relaxed) - before)
    };
    let turn = TURN.lock();
    let thread = std::thread::Builder::new().stack_size(2 << 20).spawn(work);
    let outcome = thread.map(std::thread::JoinHandle::join);
    drop(turn);
    match outcome {
        Ok(Ok(outcome)) => outcome,
        _ => panic!("the thread ended otherwise"),
    }
}

fn nested(open: &str, inner: &str, close: &str, times: usize) -> String {
    format!("{}{inner}{}", open.repeat(times), close.repeat(times))
}

/// Expressions that cannot but fail.
fn failing() -> Vec<String> {
    let mut texts: Vec<String> = [
        "($f := function(){ $f() }; $f())",
        "($f := function(){ 1 + $f() }; $f())",
        "($f := function($x){ $f($x & 'abcdefgh') }; $f('a'))",
        "($f := function($x){ $f($x & $x) }; $f('a'))",
        "($f := function($x){ $f([$x, $x]) }; $f([1]))",
        "($f := function($x){ $f($append($x, $x)) }; $f([1]))",
        "($f := function($x){ $f({'a': $x, 'b': $x}) }; $f(1))",
        "($f := function($x){ $f(function(){ $x }) }; $f(1))",
        "($f := function($n){ $n = 0 ? 1 : $f($n - 1) + $f($n - 1) }; $f(90))",
        "($f := function(){ $map([1], $f) }; $f())",
        "($f := function(){ $replace('x', /x/, $f) }; $f())",
        "$reduce([1..60], function($s, $i){ $s & $s }, 'x')",
        "$reduce([1..60], function($s, $i){ [$s, $s] }, [1])",
        "$reduce([1..60], function($s, $i){ {'a': $s, 'b': $s} }, 1)",
        "$reduce([1..60], function($s, $i){ $append($s, $s) }, [1])",
        "$reduce([1..60], function($s, $i){ $merge([$s, {$string($i): $s}]) }, {'a': 1})",
        "$reduce([1..60], function($s, $i){ $string([$s, $s]) }, 'x')",
        "$reduce([1..60], function($s, $i){ $join([$s, $s]) }, 'x')",
        "$reduce([1..60], function($s, $i){ $zip($s, $s) }, [1])",
        "$reduce([1..60], function($s, $i){ $base64encode($s) }, 'xxxx')",
        "$reduce([1..60], function($s, $i){ $encodeUrl($s & $s & ' %') }, '%')",
        "$reduce([1..60], function($s, $i){ $replace($s, /./, '$0$0') }, 'x')",
        "$pad('', 900000000)",
        "$pad('', -900000000, 'abc')",
        "$map([1..1000], function($i){ $pad('', 1000000 + $i) })",
        "[1..9999999]",
        "$count([1..1000000000000])",
        "[1..1000].[1..1000].[1..1000]",
        "($a := [1..100000]; $a.$a)",
        "($a := [1..1000]; $a.$a.$a)",
        "($a := [1..1000]; $a.{'b': $a}.b.{'c': $a})",
        "($a := [1..1000]; $a.($a))",
        "($o := {'a': [1..100000]}; [1..1000].$o.a)",
        "($o := {'a': [1..10000]}; $map([1..10000], function(){ $o }).a)",
        "$map([1..1000], function($i){ $map([1..1000], function($j){ $map([1..1000], function($k){ $i }) }) })",
        "($a := [1..5000].{'x': 1, 'y': [1..100]}; $a)",
        "($a := [1..1000].{'x': 1}; $a@$i.$a@$j.$a@$k.{'i': $i})",
        "($a := {'x': [1..1000].{'y': 1}}; $a.x.%.x.%.x.%.x)",
        "($a := [1..1000].{'x': 1}; $a#$i.$a#$j.$a#$k.{'i': $i})",
        "($r := $reduce([1..30], function($s, $i){ {'a': $s} }, 1); $r.**.**.**.**.**.**)",
        "($a := [1..1000]; $a[$a])~>$map(function($i){ [1..100000] })",
        "$replace($states.input.long, /./, '$0$0$0$0$0$0$0$0$0$0$0$0$0$0$0$0$0$0$0$0$0$0$0$0$0$0$0$0$0$0')",
        "($b := $pad('', 1000000); $replace($states.input.long, /a/, function(){ $b }))",
        "$match($states.input.long, /./)",
        "$split($states.input.long & $states.input.long, '')",
        "$string($map([1..3000], function(){ $states.input.list }))",
        "$join($map($states.input.list, function(){ $states.input.long }))",
        "$formatInteger(1e15, 'I')",
        "$fromMillis(0, '[Y,900000000-900000000]')",
        "$fromMillis(0, '[M01]' & $pad('', 100000, '#'))",
        "$formatNumber(1, $pad('', 1000000, '0'))",
        "$formatBase(1e300, 2) & $pad('', 5000000)",
        "$map($states.input.list, function(){ $distinct([1..20000]) })",
        "$sort($states.input.list, function($a, $b){ $count([1..10000]) > 0 })",
        "$each({'a': 1}, function(){ [1..400000] })",
        "$sift({'a': 1}, function(){ [1..400000] })",
        "$partition([1..249000], 1)",
        "$spread($map([1..20000], function($i){ {'a': $i, 'b': $i, 'c': $i} }))",
        "$keys($map([1..200000], function($i){ {'a': [1..10]} }))",
        "$contains('a', /(a{1000}){1000}/)",
        "$match('aaaa', /(a{1000}){1000}{1000}/)",
        "$map([1..200000], function($i){ $pad('', 1000) })",
        "$map([1..200000], function($i){ $states.input.list & '' })",
        "($a := {'x': [1..1000].{'y': 1}}; $a.x@$i.$a.x@$j.$a.x@$k.{'i': $i})",
        "([1..200].{'x': [1..200].{'y': [1..200]}})",
        "[1..100000].{'k': $string($)}{k: [1..1000]}",
        "([1..20000].{'k': $, 'v': [1..50]})^(v[0], k).v",
        "$map([1..100000], function($i){ function(){ $i } }) ~> $map(function($f){ $f() & $pad('', 2000) })",
        "$reduce([1..100000], function($f, $i){ $f ~> $string }, $string)",
        "$reduce([1..100000], function($f, $i){ function(){ $f() } }, function(){ 1 })()",
        "$filter([1..200000], function($v){ $match('aaaaaaaa', /a/) })",
        "$range(0, 1e12, 1)",
        "$range(0, 1e12, 1)",
        "$parse('[' & $join($map([1..200000], function(){ '[]' }), ',') & ']')",
        "$power(10, 400)",
        "($y := function($f){ $f($f) }; $y($y))",
        "($p := function($f, $n){ $f($f, ?)($n) }; $p($p, 1))",
        "{'a': 1} ~> |$|{'b': [1..400000]}|",
    ]
    .map(String::from)
    .to_vec();
    texts.extend([
        nested("(", "1", ")", 5000),
        nested("[", "1", "]", 5000),
        nested("{'a':", "1", "}", 5000),
        nested("-", "1", "", 5000),
        nested("$not(", "1", ")", 5000),
        nested("function(){", "1", "}", 5000),
        format!("1{}", "+1".repeat(5000)),
        format!("'a'{}", "&'a'".repeat(5000)),
        format!("1{}", "~>$string".repeat(5000)),
        format!("true{}", "?1:true".repeat(5000)),
        "(".repeat(100_000),
        "[".repeat(100_000),
        nested("(", "1", ")", 900),
        nested("[", "1", "]", 900),
        format!("1{}", "+1".repeat(900)),
    ]);
    texts
}

/// More expressions that cannot but fail: what compares, searches, copies or nests without an end.
fn failing_too() -> Vec<String> {
    const BIG: &str = "($b := $reduce([1..20], function($s, $i){ $s & $s }, 'abcd'); ";
    const DEEP: &str = "($d := $reduce([1..20000], function($s, $i){ {'a': $s} }, 1); ";
    const NESTED: &str = "($d := $reduce([1..20000], function($s, $i){ [[$s]] }, 1); ";
    let mut texts = Vec::new();
    for text in [
        "$count([1..200000]^($b)))",
        "$count([1..200000]^($ % 2 = 0 ? $b : $substring($b, 0))))",
        "$count([1..100000][$b = $substring($b, 0)]))",
        "[1..1000].{$b: $})",
        "[1..200000]{$b: $})",
        "$merge([1..1000].{$b: $}))",
        "[$b, $b, $b, $b, $b, $b, $b])",
        "$sort([1..200000], function($x, $y){ $b > $b }))",
        "$string([$replace($b, /./, '\u{1}')]))",
    ] {
        texts.push(format!("{BIG}{text}"));
    }
    for text in [
        "$d)",
        "$d ~> |**|{'x': 1}|)",
        "$d.a.a)",
        "$distinct([$d, $d]))",
        "$d{a: $})",
    ] {
        texts.extend([format!("{DEEP}{text}"), format!("{NESTED}{text}")]);
    }
    for call in ["match", "replace", "split"] {
        let last = if call == "replace" { ", 'x'" } else { "" };
        texts.extend([
            format!("${call}($states.input.as, /.*b|a/{last})"),
            format!("${call}($states.input.as, /((a{{1,30}}){{1,30}}){{1,5}}b/{last})"),
        ]);
    }
    texts.extend(FAILING_TOO.map(String::from));
    texts.extend([
        format!("$contains('a', /{}/)", "(a)".repeat(300_000)),
        format!("[{}]", "$a.b,".repeat(150_000)),
        format!("[{}1]", numbered("$a@,", 100_000)),
        format!("[{}1]", numbered("a@,", 100_000)),
        format!("({}1)", numbered("$v@:=$v@;", 60_000)),
        format!("function($x)<{}>{{1}}", "n".repeat(200_000)),
        format!("function($x)<{}>{{1}}", "a<n>".repeat(50_000)),
        format!("[{}]", "$states.input.list,".repeat(8000)),
        spinning(),
    ]);
    texts
}

const FAILING_TOO: [&str; 28] = [
    "$contains($states.input.as, /[^c]*a[ab]{5000}c/)",
    "/.*/($states.input.as)[/((a{1,30}){1,30}){1,5}b/($states.input.as)]",
    "($g := function($m, $n){ $exists($m.start) ? $g($m.next(), $n + 1) : $n }; $g(/a/($states.input.as), 0))",
    "$contains('a', /\\w{5000}/)",
    "$map([1..100000], function(){ $contains('a', /\\w{350}/) })",
    "$formatNumber(1/0, '0e0')",
    "$formatNumber(0/0, '0')",
    "$formatInteger(1/0, 'w')",
    "$formatInteger(0/0, 'Ww')",
    "$formatInteger(-1/0, 'w;o')",
    "$fromMillis(0, '[Y,9999]')",
    "$fromMillis(0, '[Y,1-99999999999999999999]')",
    "$fromMillis(0, '[fN]')",
    "$parseInteger('12345', '\u{660}')",
    "$toMillis('2018', '[Y\u{660}\u{661}]')",
    "$toMillis($states.input.as, $join($map([1..800], function(){ '[Yw]' })))",
    "($a := [1..200000]; [$a, $a, $a, $a, $a, $a, $a, $a, $a])",
    "$map([1..300], function($i){ [$states.input.list, $states.input.list] })",
    "$string($reduce([1..800], function($s, $i){ [$s] }, [1..100000]), true)",
    "($t := [1..20000].{'a': $}; $states.input.list.{'a': $ + 100000} ~> |$t|{'x': 1}|)",
    "$reduce([1..1000], function($s, $i){ $s ~> |$|{'x': $s}| }, {'a': 1})",
    "($a := [1..200000]; $count($a[$ in $a]))",
    "($f := function($n){ [2, 1]^($f($n)) }; $f(0))",
    "($f := function($n){ [1]{'a': $f($n)} }; $f(0))",
    "($f := function($n){ $n ~> |$|{'a': $f($n)}| }; $f({'b': 1}))",
    "($f := function($n){ ($f ~> $f)($n) }; $f(0))",
    "($o := {'f': function($s){ $s.f($s) }}; $o.f($o))",
    "($h := $reduce([1..40], function($f, $i){ $f ~> $f }, function($x){ $x + 1 }); $h(0))",
];

/// Copies of a text with the number of each in place of `@`.
fn numbered(text: &str, times: usize) -> String {
    (0..times)
        .map(|at| text.replace('@', &at.to_string()))
        .collect()
}

/// Functions that call back, each of which spends the time that there is.
fn spinning() -> String {
    let spin = "$count($states.input.list[$ in $states.input.list])";
    (0..9).fold("1".to_owned(), |inner, _| {
        format!(
            "$replace('aaaaaaaaaa', /a/, function(){{ ($x := [1..40]; $string($count($x[{spin} > 0])) & {inner}) }})"
        )
    })
}

#[test]
fn every_hostile_expression_ends_with_an_error() {
    all_fail(failing());
}

#[test]
fn what_compares_searches_copies_or_nests_ends_with_an_error() {
    all_fail(failing_too());
}

#[expect(
    clippy::disallowed_methods,
    reason = "how long it takes is what is tested"
)]
fn all_fail(texts: Vec<String>) {
    let mut wrong = Vec::new();
    for text in texts {
        let shown: String = text.chars().take(90).collect();
        let started = std::time::Instant::now();
        let (outcome, peak) = peak_of(text);
        let took = started.elapsed().as_millis();
        if peak > MEMORY || outcome.is_ok() || took > MILLIS {
            wrong.push(format!(
                "{shown}: {outcome:?}, {} KiB, {took} ms",
                peak >> 10
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_has_an_end_is_within_bounds_too() {
    for text in [
        "$count([1..200000])",
        "$length($pad('', 4000000))",
        "$sum($map([1..20000], function($i){ $i }))",
        "$count($reduce([1..1000], function($s, $i){ $append($s, $i) }, []))",
        "($f := function($n){ $n = 0 ? 0 : $f($n - 1) }; $f(20000))",
        "($f := function($n){ $n = 0 ? 0 : 1 + $f($n - 1) }; $f(31))",
        "$count($states.input.list[$ > 100])",
        "$count($split($states.input.long, ' '))",
        "$contains($states.input.long, /(a+)+$/)",
        "$length($replace($states.input.long, 'a', 'bb'))",
        "$count($states.input.list.{'a': $})",
        "$count($sort($states.input.list, function($a, $b){ $a < $b }))",
        "$length($reduce([1..22], function($s, $i){ $s & $s }, 'x'))",
    ] {
        let (outcome, peak) = peak_of(text.into());
        assert!(outcome.is_ok(), "{text}: {outcome:?}");
        assert!(peak <= MEMORY, "{text}: {} KiB", peak >> 10);
    }
}

/// `cargo test --release -p query --test hostile -- --ignored --nocapture` shows what each takes.
#[test]
#[ignore = "prints figures"]
#[expect(
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "a measurement for people"
)]
fn figures() {
    for text in [failing(), failing_too()].concat() {
        let shown: String = text.chars().take(70).collect();
        eprint!("{shown} ");
        let started = std::time::Instant::now();
        let (outcome, peak) = peak_of(text);
        let took = started.elapsed().as_millis();
        eprintln!("{took:5} ms {:6} KiB {outcome:?}", peak >> 10);
    }
}
